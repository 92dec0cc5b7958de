//! A credential is entered: sealed in the browser for every key, and in clear only where a place is in the cloud.

use std::io::Write as _;

use browser::Page;
use serde_json::{Value, json};

use crate::stage::{HURRY, PASSWORD, Stage, TICKET, opened, place, plan, plan_with};

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_password_is_sealed_for_every_member_and_the_server_sees_only_that() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    let shown = page.text().unwrap();
    for words in ["Sales warehouse", "sales-db", "Ana Ortiz", "Ben Okafor", "7F3K-9QXM", "10 minutes", "too many"] {
        assert!(shown.contains(words), "{words} is not in\n{shown}");
    }
    let account = "CONTOSO\\svc_sales";
    for words in ["2 places will be changed", "2048-bit key", "3072-bit key", "4096-bit key", "Windows", account] {
        assert!(shown.contains(words), "{words} is not in\n{shown}");
    }
    let fingerprint = plan()["places"][1]["members"][0]["fingerprint"].as_str().unwrap().to_owned();
    assert!(shown.contains(&fingerprint), "{fingerprint} is not in\n{shown}");

    stage.send_password(&page);
    let submission = stage.taken(&page);
    let expected = json!([["username", account], ["password", PASSWORD]]);
    assert_eq!(opened(&plan(), &submission), [(); 3].map(|()| expected.clone()));
    assert_eq!(submission["clear"], Value::Null);
    assert!(stage.server.calls().iter().all(|call| call.ticket == TICKET));
    assert!(page.text().unwrap().contains("Encrypted for 3 gateway keys in your browser; the server never saw it."));

    assert_eq!(page.evaluate("location.href").unwrap(), stage.url("/enter"));
    for request in page.requests() {
        let shows_it = request.url.ends_with("/enter/plan") || request.url.ends_with("/enter/submit");
        assert!(!request.url.contains(TICKET) && request.headers.contains(TICKET) == shows_it, "{request:?}");
        assert!(request.url.starts_with(&stage.url("/")) || request.url == "data:,", "{request:?}");
        let said = format!("{request:?}");
        assert!(!said.contains("correct horse") && !said.contains("battery"), "the password is in {request:?}");
    }
    assert_eq!(page.evaluate("document.querySelectorAll('input, textarea').length").unwrap(), 0);
    assert_eq!(page.complaints(), Vec::<String>::new());
    let fetched =
        page.evaluate("performance.getEntriesByType('resource').filter((e) => e.name.endsWith('.wasm')).length");
    assert_eq!(fetched.unwrap(), 1, "what is preloaded is used");
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn every_kind_has_its_fields_and_its_plaintext() {
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIIBVAIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----\n";
    let locked = PEM.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let required = |id: &str| json!({ "id": id, "required": true });
    let principal = json!({ "is": "ServicePrincipal", "tenant": "5e1d", "client": "8c2f" });
    let pair = json!({ "is": "KeyPair", "identifier": "SVC" });
    let pair_fields = json!([required("private_key"), { "id": "passphrase", "required": false }]);
    let [plain_pair, locked_pair] = [PEM, &locked].map(|pem| json!([["identifier", "SVC"], ["privateKey", pem]]));
    let mut with_passphrase = locked_pair.clone();
    with_passphrase.as_array_mut().unwrap().push(json!(["passphrase", PASSWORD]));
    type Case<'a> = (&'a str, Value, Value, Vec<(&'a str, &'a str)>, Value);
    let cases: [Case; 7] = [
        ("Key", json!("Key"), json!([required("key")]), vec![("key", PASSWORD)], json!([["key", PASSWORD]])),
        (
            "OAuth2",
            json!("OAuth2"),
            json!([required("access_token")]),
            vec![("access_token", PASSWORD)],
            json!([["accessToken", PASSWORD]]),
        ),
        ("SAS", json!("Sas"), json!([required("token")]), vec![("token", PASSWORD)], json!([["token", PASSWORD]])),
        (
            "ServicePrincipal",
            principal,
            json!([required("client_secret")]),
            vec![("client_secret", PASSWORD)],
            json!([["tenantId", "5e1d"], ["servicePrincipalClientId", "8c2f"], ["servicePrincipalSecret", PASSWORD],]),
        ),
        ("KeyPair", pair.clone(), pair_fields.clone(), vec![("private_key", PEM)], plain_pair),
        ("KeyPair", pair, pair_fields, vec![("private_key", &locked), ("passphrase", PASSWORD)], with_passphrase),
        ("Anonymous", json!("Anonymous"), json!([]), vec![], json!([])),
    ];
    let stage = Stage::open(plan());
    for (kind, login, fields, entered, expected) in cases {
        let plan = plan_with(json!({ "kind": kind, "login": login, "fields": fields, "account": null }));
        stage.server.set_plan(plan.clone());
        let page = stage.enter();
        for (field, text) in entered {
            page.fill(&format!("#field-{field}"), text).unwrap();
        }
        page.click("#send").unwrap();
        let submission = stage.taken(&page);
        assert_eq!(opened(&plan, &submission), [(); 3].map(|()| expected.clone()), "{kind}");
        assert_eq!(page.complaints(), Vec::<String>::new());
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn the_cloud_gets_it_in_clear_and_the_page_says_so() {
    let cloud = place(1, "Fabric connection 70b17680", &[]);
    let both = plan_with(json!({ "places": [place(0, "Power BI data source 252b9de8", &[2048]), cloud] }));
    let stage = Stage::open(both.clone());
    let page = stage.enter();
    assert!(page.text().unwrap().contains("Fabric connection 70b17680: in the cloud"));
    assert!(page.text_of("#handling").unwrap().unwrap().contains("also goes over TLS"));
    stage.send_password(&page);
    let submission = stage.taken(&page);
    assert_eq!(submission["clear"], json!({ "password": PASSWORD }));
    assert_eq!(opened(&both, &submission).len(), 1);

    let clouds = plan_with(json!({ "places": [place(0, "Fabric connection 70b17680", &[])] }));
    stage.server.set_plan(clouds);
    let page = stage.tab();
    // Where nothing is encrypted, nothing is needed for it.
    page.block("*.wasm").unwrap();
    stage.follow(&page);
    stage.send_password(&page);
    let submission = stage.taken(&page);
    assert_eq!((&submission["sealed"], &submission["clear"]), (&json!([]), &json!({ "password": PASSWORD })));
    assert!(page.text().unwrap().contains("It went over TLS"));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_is_surely_wrong_is_said_beside_the_field_and_above() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    page.click("#send").unwrap();
    assert_eq!(page.evaluate("document.activeElement.id").unwrap(), "summary");
    assert_eq!(page.text_of("#password-problem").unwrap().unwrap(), "Enter: New password.");
    page.click("#summary a").unwrap();
    assert_eq!(page.evaluate("document.activeElement.id").unwrap(), "field-password");
    assert_eq!(page.evaluate("location.hash").unwrap(), "");
    page.fill("#field-password", "one").unwrap();
    page.fill("#field-again", "another").unwrap();
    page.click("#send").unwrap();
    assert!(page.text_of("#again-problem").unwrap().unwrap().contains("differ"));
    assert_eq!(page.evaluate("document.querySelector('#field-again').ariaInvalid").unwrap(), "true");
    assert!(stage.server.submissions().is_empty());

    let fields = json!([{ "id": "private_key", "required": true }, { "id": "passphrase", "required": false }]);
    let pair = json!({ "kind": "KeyPair", "login": { "is": "KeyPair", "identifier": "SVC" }, "fields": fields });
    stage.server.set_plan(plan_with(pair));
    let page = stage.enter();
    page.fill("#field-private_key", "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----").unwrap();
    page.click("#send").unwrap();
    assert!(page.text_of("#private_key-problem").unwrap().unwrap().contains("PKCS#8"));
    let mut file = tempfile::NamedTempFile::with_suffix(".pem").unwrap();
    file.write_all(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n").unwrap();
    page.choose_file("#file-private_key", file.path()).unwrap();
    page.wait_for("document.querySelector('#field-private_key').value.includes('ENCRYPTED')").unwrap();
    page.click("#send").unwrap();
    assert!(page.text_of("#passphrase-problem").unwrap().unwrap().contains("enter its passphrase"));
    page.fill("#field-passphrase", PASSWORD).unwrap();
    page.click("#send").unwrap();
    stage.taken(&page);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_is_typed_is_masked_until_it_is_asked_for() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    let kind = "document.querySelector('#field-password').type";
    assert_eq!(page.evaluate(kind).unwrap(), "password");
    page.click(".reveal").unwrap();
    assert_eq!(page.evaluate(kind).unwrap(), "text");
    page.click(".reveal").unwrap();
    assert_eq!(page.evaluate(kind).unwrap(), "password");
    let attributes =
        "['autocomplete', 'spellcheck'].map((n) => document.querySelector('#field-password').getAttribute(n))";
    assert_eq!(page.evaluate(attributes).unwrap(), json!(["new-password", "false"]));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_fleet_is_folded_and_sealed_in_slices() {
    let places: Vec<Value> = (0..200).map(|at| place(at, &format!("Data source {at}"), &[2048, 3072, 2048])).collect();
    let fleet = plan_with(json!({ "places": places }));
    let stage = Stage::open(fleet.clone());
    let page = stage.tab();
    page.before_load(
        "const timeout = AbortSignal.timeout;
         globalThis.patience = [];
         AbortSignal.timeout = (ms) => timeout.call(AbortSignal, patience.push(ms) && ms);",
    )
    .unwrap();
    stage.follow(&page);
    assert!(!page.text().unwrap().contains("Data source 7"), "a long list is folded away");
    let heights = page.evaluate("document.body.scrollHeight < 3 * innerHeight").unwrap();
    assert_eq!(heights, true, "the form is near");
    // What a screen reader is told, while the browser is let draw and listen.
    page.evaluate(
        "globalThis.told = [];
         new MutationObserver(() => told.push(document.querySelector('#status').textContent))
           .observe(document.querySelector('#status'), { childList: true });",
    )
    .unwrap();
    stage.send_password(&page);
    let submission = stage.taken(&page);
    let told = page.evaluate("told").unwrap();
    assert!(told.as_array().unwrap().iter().any(|text| text.as_str().unwrap().contains("of 600")), "{told}");
    assert!(page.text().unwrap().contains("Encrypted for 600 gateway keys"));
    assert_eq!(submission["sealed"].as_array().unwrap().len(), 200);
    let sent = stage.server.submissions()[0].len();
    assert_eq!(page.evaluate("patience").unwrap(), json!([60_000, 60_000 + sent.div_ceil(20)]), "for a slow line");
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn how_far_reading_a_fleet_has_come_is_shown() {
    let stage = Stage::open(plan());
    let page = stage.tab();
    page.before_load(HURRY).unwrap();
    stage.server.tell_instead(json!({ "reading": { "done": 20, "of": 60, "wait": 0 } }));
    stage.server.tell_instead(json!({ "reading": { "done": 40, "of": 60, "wait": 150_000 } }));
    page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
    page.wait_for_text("Reading the keys of the gateways: 40 of 60. The services allow no more for now").unwrap();
    assert!(page.text().unwrap().contains("goes on in 2 minutes"));
    let bar = "(() => { const bar = document.querySelector('progress'); return [bar.value, bar.max, bar.getAttribute('aria-labelledby')]; })()";
    assert_eq!(page.evaluate(bar).unwrap(), json!([40, 60, "status"]));
    page.wait_for("document.querySelector('#form')?.checkVisibility()").unwrap();
    assert_eq!(page.evaluate("document.querySelector('progress').checkVisibility()").unwrap(), false);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_is_left_out_is_named_with_its_reason() {
    let left = |n: usize| {
        let place = |at| json!({ "name": format!("Fabric connection {at}"), "why": "Its gateway is offline." });
        plan_with(json!({ "left_out": (0..n).map(place).collect::<Vec<_>>() }))
    };
    let stage = Stage::open(left(1));
    let shown = |page: &Page| page.text_of("#left-out").unwrap().unwrap();
    let one = shown(&stage.enter());
    for words in
        ["1 place is left out", "Fabric connection 0: Its gateway is offline.", "old credential stays in force"]
    {
        assert!(one.contains(words), "{words} is not in\n{one}");
    }
    stage.server.set_plan(left(100));
    let page = stage.enter();
    let many = shown(&page);
    assert!(many.contains("100 places are left out") && !many.contains("Fabric connection 7"), "{many}");
    page.click("#left-out summary").unwrap();
    assert!(shown(&page).contains("Fabric connection 99: Its gateway is offline."));
    stage.server.set_plan(plan());
    assert_eq!(stage.enter().evaluate("document.querySelector('#left-out').checkVisibility()").unwrap(), false);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn nothing_of_the_secret_stays_in_the_wasms_memory() {
    let stage = Stage::open(plan());
    let page = stage.tab();
    // Keeps hold of the memory, and looks into it at the moment when the credential is in it.
    page.before_load(
        "const make = WebAssembly.instantiateStreaming;
         WebAssembly.instantiateStreaming = async (...given) => {
           const made = await make(...given);
           globalThis.has = (text) => {
             const bytes = new Uint8Array(made.instance.exports.memory.buffer);
             return new TextDecoder('latin1').decode(bytes).includes(text);
           };
           return made;
         };
         const random = crypto.getRandomValues.bind(crypto);
         crypto.getRandomValues = (buffer) => {
           globalThis.had ||= has('correct horse');
           return random(buffer);
         };",
    )
    .unwrap();
    stage.follow(&page);
    stage.send_password(&page);
    stage.taken(&page);
    assert_eq!(page.evaluate("had").unwrap(), true, "it was there to be sealed");
    assert_eq!(page.evaluate("['correct horse', 'staple'].map(has)").unwrap(), json!([false, false]));
}
