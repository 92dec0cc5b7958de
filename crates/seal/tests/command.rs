//! The command line: seals what comes on standard input, for every key of a file, and never takes a secret as an argument.

#![cfg(test)]

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use emulator::opener::PrivateKey;
use serde_json::{Value, json};

/// Runs `seal-credential` with keys from a file.
fn run(arguments: &[&str], keys: &Value, input: &str) -> Output {
    // Cargo builds examples beside the tests, unless it is told which tests.
    let folder = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples");
    let program = folder.join("seal-credential");
    assert!(program.exists(), "run `cargo test --package seal`, which builds it");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("keys-{:?}.json", std::thread::current().id()));
    std::fs::write(&path, keys.to_string()).unwrap();
    let mut child = Command::new(program)
        .args(arguments)
        .arg("--keys")
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It does not read its input when it refuses its arguments.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// The public keys of the corpus with 2048 bits and more, as Fabric lists members.
fn members() -> Value {
    let corpus: Value = serde_json::from_str(include_str!("gateway-credentials.json")).unwrap();
    let keys = corpus["keys"].as_array().unwrap().iter().filter(|key| key["bits"] != 1024);
    let member = |key: &Value| {
        let public = json!({ "exponent": key["exponent_b64"], "modulus": key["modulus_b64"] });
        json!({ "id": key["name"], "publicKey": public })
    };
    json!({ "value": keys.map(member).collect::<Vec<_>>() })
}

#[test]
fn every_key_of_the_file_gets_a_ciphertext_of_its_own() {
    let output = run(&["--kind", "Windows", "--username", r"CONTOSO\svc"], &members(), "hunter2\n");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sealed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<_> = sealed.as_array().unwrap().iter().map(|one| (one["id"].clone(), one["bits"].clone())).collect();
    assert_eq!(told, [2048, 3072, 4096].map(|bits| (json!(format!("rsa{bits}")), json!(bits))));
    for (one, member) in sealed.as_array().unwrap().iter().zip(members()["value"].as_array().unwrap()) {
        let part = |name: &str| member["publicKey"][name].as_str().unwrap().to_owned();
        let key = seal::GatewayKey::parse(&part("exponent"), &part("modulus"), seal::Legacy::Refuse).unwrap();
        assert_eq!(one["fingerprint"], key.fingerprint().to_string());
        seal::Sealed::parse_for(one["sealed"].as_str().unwrap(), &key).unwrap();
    }
}

/// Seals for the key of 2048 bits alone, and opens that: values by name, as one list.
fn opened(arguments: &[&str], input: &str) -> Value {
    let corpus: Value = serde_json::from_str(include_str!("gateway-credentials.json")).unwrap();
    let key = corpus["keys"].as_array().unwrap().iter().find(|key| key["bits"] == 2048).unwrap();
    let output = run(arguments, &json!({ "exponent": key["exponent_b64"], "modulus": key["modulus_b64"] }), input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sealed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let private_key = PrivateKey::from_pkcs8_pem(key["private_key_pem"].as_str().unwrap()).unwrap();
    let plaintext = private_key.open(sealed[0]["sealed"].as_str().unwrap()).unwrap();
    let plaintext: Value = serde_json::from_str(&plaintext).unwrap();
    plaintext["credentialData"].as_array().unwrap().iter().map(|pair| pair["value"].clone()).collect()
}

#[test]
fn the_gateway_opens_what_came_on_standard_input() {
    assert_eq!(opened(&["--kind", "Basic", "--username", "svc"], " hun\nter2 \r\n"), json!(["svc", " hun\nter2 "]));
    let principal = ["--kind", "ServicePrincipal", "--tenant", "t", "--client", "c"];
    assert_eq!(opened(&principal, "s3cret"), json!(["t", "c", "s3cret"]));
    let pair = ["--kind", "KeyPair", "--identifier", "SVC"];
    let pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert_eq!(opened(&pair, &format!("{pem}pass phrase\n")), json!(["SVC", pem, "pass phrase"]));
    assert_eq!(opened(&pair, pem), json!(["SVC", pem]));
}

#[test]
fn a_secret_among_the_arguments_is_refused_and_not_repeated() {
    for arguments in [&["--kind", "Key", "--password", "hunter2"][..], &["--kind", "Key", "hunter2"]] {
        let output = run(arguments, &members(), "");
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("standard input") && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let refused = |arguments: &[&str], keys: &Value, input: &str| {
        let output = run(arguments, keys, input);
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&["--kind", "Basic"], &members(), "x").contains("--username is missing"));
    assert!(refused(&["--kind", "Key"], &members(), "\n").contains("standard input is empty"));
    assert!(refused(&["--kind", "Key"], &json!({ "value": [] }), "x").contains("no object with exponent and modulus"));
    assert!(refused(&["--kind", "Cookie"], &members(), "x").contains("kind is not known"));
    let legacy = include_str!("gateway-credentials.json");
    assert!(refused(&["--kind", "Key"], &corpus_key(legacy, 1024), "x").contains("only 1024 bits"));
}

fn corpus_key(corpus: &str, bits: u64) -> Value {
    let corpus: Value = serde_json::from_str(corpus).unwrap();
    let key = corpus["keys"].as_array().unwrap().iter().find(|key| key["bits"] == bits).unwrap();
    json!({ "exponent": key["exponent_b64"], "modulus": key["modulus_b64"] })
}
