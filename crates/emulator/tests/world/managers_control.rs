//! The hands on the secret managers over HTTP.

use emulator::{Manager, scene};
use serde_json::{Value, json};

use crate::bot;

#[test]
fn secrets_are_put_changed_and_watched() {
    let world = bot::contoso();
    let post =
        |path: &str, body: &Value| bot::send(&world, bot::request("POST", &format!("/control/{path}"), "", body));
    let put = |body: &Value| post("secrets", body).body["version"].as_str().unwrap().to_owned();
    let tagged = json!({"manager": "key_vault", "secret": "sales", "value": "one", "tags": {"username": "svc"}});
    let first = put(&tagged);
    put(&json!({"manager": "aws", "secret": "sales", "value": "one"}));
    put(&json!({"manager": "aws", "secret": "sales", "value": "two", "pending": true}));
    for change in [
        json!({"enable": {"manager": "key_vault", "secret": "sales", "version": first, "enabled": false}}),
        json!({"finish_rotation": {"secret": "sales"}}),
        json!({"destroy": {"manager": "google", "secret": "sales", "version": "1"}}),
        json!({"delete": {"manager": "aws", "secret": "sales"}}),
        json!({"deny": {"manager": "doppler", "denied": true}}),
        json!("end_logins"),
        json!({"static_role": {"role": "night", "place": scene::SALES_ORACLE, "period_s": 60}}),
        json!({"rotate_static_role": {"role": "night"}}),
        json!({"vault_namespace": "data"}),
        json!({"vault_trusts": {"pem": scene::REPLACEMENT_KEY}}),
        json!("publish_next_entra_key"),
        json!("publish_next_google_key"),
    ] {
        assert_eq!(post("secret-changes", &change).status, 200, "{change}");
    }
    for change in [json!({"rotate_static_role": {"role": "nobody"}}), json!({"vault_trusts": {"pem": "no key"}})] {
        assert_eq!(post("secret-changes", &change).status, 400, "{change}");
    }
    let get = |path: &str| bot::send(&world, bot::request("GET", path, "", &Value::Null)).body;
    assert_eq!(get("/control/static-roles/night")["password"], json!(world.static_role_password("night")));
    assert_eq!(get("/control/secret-reads"), json!([]));
    assert_eq!(get("/control/confirmed-subscriptions"), json!([]));
    assert_eq!(get("/google/oauth2/v3/certs")["keys"].as_array().unwrap().len(), 2);
    assert_eq!(get(&format!("/login/{}/discovery/v2.0/keys", scene::TENANT_ID))["keys"].as_array().unwrap().len(), 2);

    world.reset();
    post("secrets", &json!({"manager": "doppler", "secret": "SALES", "value": "one"}));
    let path = "/doppler/v3/configs/config/secret?project=warehouse&config=prd&name=SALES";
    assert_eq!(bot::send(&world, bot::request("GET", path, scene::DOPPLER_TOKEN, &Value::Null)).status, 200);
    let read = json!([{"manager": "doppler", "secret": "SALES", "version": "1", "at_ms": bot::START_MS}]);
    assert_eq!(get("/control/secret-reads"), read);
    assert_eq!(world.secret_reads()[0].manager, Manager::Doppler);
}
