//! What senders sign by a shared secret or with Ed25519, and what else they post.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use emulator::scene;
use emulator::senders::{
    Doppler, EventBridge, Infisical, OpenBaoAudit, StandardWebhook, cloud_trail_event, label_updated,
};
use hmac::{Hmac, Mac as _};
use http::Request;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::bot::START_MS;

/// A header's text.
pub fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// The body as JSON.
pub fn body(request: &Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_standard_webhook_is_signed_as_in_the_published_example() {
    let webhook = StandardWebhook {
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk".to_owned(),
        timestamp: "1649367553".to_owned(),
        keys: vec!["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned()],
        body: Some(Bytes::from_static(br#"{"email":"test@example.com","username":"test_user"}"#)),
        ..StandardWebhook::honest("", 0, "", Value::Null)
    };
    let request = webhook.post("/secrets/x");
    assert_eq!(header(&request, "webhook-signature"), "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/secrets/x"));
}

#[test]
fn a_standard_webhook_has_a_signature_for_each_key() {
    let mut webhook = StandardWebhook::changed("msg_1", START_MS, "sales");
    webhook.keys = [scene::WEBHOOK_SECRET_OLD, scene::WEBHOOK_PRIVATE_KEY].map(str::to_owned).to_vec();
    let request = webhook.post("/x");
    let said = body(&request);
    assert_eq!((&said["type"], &said["data"]), (&json!("secret.changed"), &json!({"secret": "sales"})));
    let signatures: Vec<_> = header(&request, "webhook-signature").split(' ').collect();
    let signed = [format!("msg_1.{}.", START_MS / 1000).as_bytes(), request.body()].concat();
    let secret = STANDARD.decode(scene::WEBHOOK_SECRET_OLD.strip_prefix("whsec_").unwrap()).unwrap();
    assert_eq!(signatures[0], format!("v1,{}", STANDARD.encode(mac(&secret, &signed))));
    let public = STANDARD.decode(scene::WEBHOOK_PUBLIC_KEY.strip_prefix("whpk_").unwrap()).unwrap();
    let public = VerifyingKey::from_bytes(public.first_chunk().unwrap()).unwrap();
    let signature = STANDARD.decode(signatures[1].strip_prefix("v1a,").unwrap()).unwrap();
    public.verify(&signed, &Signature::from_slice(&signature).unwrap()).unwrap();
}

#[test]
fn doppler_and_infisical_sign_the_body() {
    let doppler = Doppler::updated(&["SALES_DB"], START_MS).post("/x");
    let expected = hex(&mac(scene::DOPPLER_SIGNING_KEY.as_bytes(), doppler.body()));
    assert_eq!(header(&doppler, "x-doppler-signature"), format!("sha256={expected}"));
    assert_eq!(body(&doppler)["diff"]["updated"], json!(["SALES_DB"]));

    let infisical = Infisical::honest("secrets.modified", START_MS);
    let request = infisical.post("/x");
    let expected = hex(&mac(scene::INFISICAL_SIGNING_KEY.as_bytes(), request.body()));
    assert_eq!(header(&request, "x-infisical-signature"), format!("t={START_MS};{expected}"));
    assert_eq!(
        (&body(&request)["timestamp"], &body(&request)["project"]["secretPath"]),
        (&json!(START_MS), &json!("/warehouse"))
    );
    let forged = Infisical { header_ms: Some(1), project: json!({"projectId": null}), ..infisical }.post("/x");
    assert!(header(&forged, "x-infisical-signature").starts_with("t=1;"));
    assert!(body(&forged)["project"].get("projectId").is_none());
}

#[test]
fn senders_that_sign_nothing_bring_a_key() {
    let event = label_updated("e1", "sales/db", "v1", START_MS);
    let request = EventBridge::honest(event).post("/x");
    assert_eq!(header(&request, scene::HOOK_KEY_HEADER), scene::HOOK_KEY);
    let said = body(&request);
    assert_eq!(said["detail"], json!({"name": "sales/db", "labelUpdated": "AWSCURRENT", "versionId": "v1"}));
    assert_eq!(
        (&said["account"], &said["region"], &said["id"]),
        (&json!(scene::AWS_ACCOUNT), &json!("eu-central-1"), &json!("e1"))
    );
    let failed = cloud_trail_event("e2", "RotationFailed", "sales/db", START_MS);
    let (kind, arn) = (&failed["detail-type"], &failed["detail"]["additionalEventData"]["SecretId"]);
    assert_eq!((kind, arn), (&json!("AWS Service Event via CloudTrail"), &said["resources"][0]));
    let put = cloud_trail_event("e3", "PutSecretValue", "sales/db", START_MS);
    assert_eq!(
        (&put["detail-type"], &put["detail"]["responseElements"]["arn"]),
        (&json!("AWS API Call via CloudTrail"), arn)
    );

    let audit = OpenBaoAudit::kv_written("r1", "warehouse/sales", START_MS).post("/x");
    assert_eq!((header(&audit, scene::HOOK_KEY_HEADER), header(&audit, "content-type")), (scene::HOOK_KEY, ""));
    assert_eq!(body(&audit)["request"]["path"], "secret/data/warehouse/sales");
    let rotated =
        OpenBaoAudit { key: None, error: Some("denied".into()), ..OpenBaoAudit::role_rotated("r2", "night", START_MS) };
    let rotated = rotated.post("/x");
    assert_eq!((header(&rotated, scene::HOOK_KEY_HEADER), &body(&rotated)["error"]), ("", &json!("denied")));
    assert_eq!(body(&rotated)["request"]["path"], "database/rotate-role/night");
}
