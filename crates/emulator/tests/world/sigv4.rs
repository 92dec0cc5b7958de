//! A signer of AWS requests, kept apart from the world's own check, and whether the check finds every fault.

use bytes::Bytes;
use emulator::{Manager, NewVersion, World, scene};
use hmac::{Hmac, Mac as _};
use http::Request;
use sha2::{Digest as _, Sha256};

use crate::bot;

/// How a request is signed; by default as it should be.
pub struct Signing {
    pub key_id: &'static str,
    pub secret: &'static str,
    pub token: Option<&'static str>,
    pub at: &'static str,
    pub date: &'static str,
    pub region: &'static str,
    pub service: &'static str,
    pub path: &'static str,
    pub leave_out: &'static str,
}

/// [`bot::START_MS`].
pub const AT: &str = "20260115T090000Z";

pub fn honest() -> Signing {
    Signing {
        key_id: scene::AWS_KEY_ID,
        secret: scene::AWS_SECRET_KEY,
        token: None,
        at: AT,
        date: "20260115",
        region: scene::AWS_REGION,
        service: "secretsmanager",
        path: "/",
        leave_out: "",
    }
}

pub fn session() -> Signing {
    Signing {
        key_id: scene::AWS_SESSION_KEY_ID,
        secret: scene::AWS_SESSION_SECRET_KEY,
        token: Some(scene::AWS_SESSION_TOKEN),
        ..honest()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
}

/// A signed request for an action.
pub fn request(signing: &Signing, region: &str, action: &str, body: &str) -> Request<Bytes> {
    let target = format!("secretsmanager.{action}");
    let mut headers =
        vec![("content-type", "application/x-amz-json-1.1"), ("host", "emulator.test"), ("x-amz-date", signing.at)];
    headers.extend(signing.token.map(|token| ("x-amz-security-token", token)));
    headers.push(("x-amz-target", &target));
    let signed: Vec<_> = headers.iter().filter(|(name, _)| *name != signing.leave_out).collect();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("POST\n{}\n\n{lines}\n{names}\n{}", signing.path, hex(&Sha256::digest(body)));
    let scope = format!("{}/{}/{}/aws4_request", signing.date, signing.region, signing.service);
    let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", signing.at, hex(&Sha256::digest(canonical)));
    let first = mac(format!("AWS4{}", signing.secret).as_bytes(), signing.date);
    let key = [signing.region, signing.service, "aws4_request"].iter().fold(first, |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &to_sign));
    let credential = format!("{}/{scope}", signing.key_id);
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}");
    let mut request = Request::post(format!("https://emulator.test/aws/{region}/"));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.header("authorization", authorization).body(Bytes::from(body.to_owned())).unwrap()
}

fn world() -> World {
    let world = bot::contoso();
    world.put_secret(Manager::Aws, "sales/db", NewVersion::of("one"));
    world
}

fn kind(world: &World, request: Request<Bytes>) -> String {
    let answer = bot::send(world, request);
    assert_eq!(answer.status == 200, answer.body["__type"].is_null(), "{}", answer.body);
    answer.body["__type"].as_str().unwrap_or("good").to_owned()
}

const BODY: &str = r#"{"SecretId":"sales/db"}"#;

#[test]
fn good_signatures_are_let_in() {
    let world = world();
    let by = |signing: Signing| kind(&world, request(&signing, scene::AWS_REGION, "GetSecretValue", BODY));
    assert_eq!(by(honest()), "good");
    assert_eq!(by(session()), "good");
    assert_eq!(by(Signing { path: "/aws/eu-central-1/", ..honest() }), "good", "the path as it is sent");
    assert_eq!(by(Signing { at: "20260115T085500Z", ..honest() }), "good", "five minutes late");
    assert_eq!(by(Signing { at: "20260115T090500Z", ..honest() }), "good", "five minutes early");
    world.end_manager_logins();
    assert_eq!(by(session()), "ExpiredTokenException");
    assert_eq!(by(honest()), "good");
}

#[test]
fn every_fault_of_a_signature_is_found() {
    let world = world();
    let (forged, unknown) = ("InvalidSignatureException", "UnrecognizedClientException");
    let rows = [
        ("another secret", Signing { secret: scene::AWS_SESSION_SECRET_KEY, ..honest() }, forged),
        ("another path", Signing { path: "/other", ..honest() }, forged),
        ("another region", Signing { region: "us-east-1", ..honest() }, forged),
        ("another service", Signing { service: "s3", ..honest() }, forged),
        ("of another day", Signing { date: "20260114", ..honest() }, forged),
        ("too late", Signing { at: "20260115T085459Z", ..honest() }, forged),
        ("too early", Signing { at: "20260115T090501Z", ..honest() }, forged),
        ("no time", Signing { at: "today", ..honest() }, "IncompleteSignatureException"),
        ("the host unsigned", Signing { leave_out: "host", ..honest() }, forged),
        ("the action unsigned", Signing { leave_out: "x-amz-target", ..honest() }, forged),
        ("unknown key", Signing { key_id: "AKIAIOSFODNN7EXAMPLE", ..honest() }, unknown),
        ("a temporary key without its token", Signing { token: None, ..session() }, unknown),
        ("another token", Signing { token: Some("made-up"), ..session() }, unknown),
        ("the token unsigned", Signing { leave_out: "x-amz-security-token", ..session() }, forged),
    ];
    for (fault, signing, expected) in rows {
        assert_eq!(kind(&world, request(&signing, scene::AWS_REGION, "GetSecretValue", BODY)), expected, "{fault}");
    }
    let mut altered = request(&honest(), scene::AWS_REGION, "GetSecretValue", BODY);
    *altered.body_mut() = Bytes::from(r#"{"SecretId":"sales/dc"}"#);
    assert_eq!(kind(&world, altered), forged);
    let mut altered = request(&honest(), scene::AWS_REGION, "GetSecretValue", BODY);
    altered.headers_mut().insert("x-amz-target", "secretsmanager.DescribeSecret".parse().unwrap());
    assert_eq!(kind(&world, altered), forged);
    let mut bare = request(&honest(), scene::AWS_REGION, "GetSecretValue", BODY);
    bare.headers_mut().remove("authorization");
    assert_eq!(kind(&world, bare), "MissingAuthenticationTokenException");
    assert!(world.secret_reads().is_empty());
    let journal = serde_json::to_string(&world.received()).unwrap();
    assert!(!journal.contains(scene::AWS_SESSION_TOKEN) && !journal.contains(scene::AWS_KEY_ID), "{journal}");
}
