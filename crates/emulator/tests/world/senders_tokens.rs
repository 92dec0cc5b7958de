//! What senders prove by a token or a certificate, and what they seal.

use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use emulator::senders::{
    EntraToken, EventGrid, EventGridProof, EventGridSchema, PubSub, SealedValue, SecretEvent, Sns, SnsKey,
    StandardWebhook, TokenVersion, handshake_options, label_updated,
};
use emulator::{TokenKey, World, scene};
use http::Request;
use rsa::{
    BigUint, Oaep, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey, pkcs8::DecodePrivateKey as _, traits::PublicKeyParts as _,
};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::bot::{self, START_MS};
use crate::senders::{body, header};

/// The claims of a token, if a key of that set has signed it.
fn claims(world: &World, set: &str, token: &str) -> Option<Value> {
    let keys = bot::send(world, bot::request("GET", set, "", &Value::Null)).body;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let part =
        |at: usize| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(signed.split('.').nth(at)?).ok()?).ok();
    let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == part(0).unwrap()["kid"])?;
    let number = |name: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap());
    let key = RsaPublicKey::new(number("n"), number("e")).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(signed), &signature).ok()?;
    part(1)
}

fn bearer(request: &Request<Bytes>) -> &str {
    header(request, "authorization").strip_prefix("Bearer ").unwrap()
}

fn entra_keys() -> String {
    format!("/login/{}/discovery/v2.0/keys", scene::TENANT_ID)
}

#[test]
fn event_grid_sends_both_schemas() {
    let event = SecretEvent::new_version("e1", "sales", "0123", START_MS);
    let own = EventGrid::honest(EventGridSchema::EventGrid, vec![event.clone()], START_MS).post("/x");
    assert_eq!((header(&own, "aeg-event-type"), header(&own, "aeg-subscription-name")), ("Notification", "PBI-ROTATE"));
    assert_eq!(
        (&body(&own)[0]["eventType"], &body(&own)[0]["topic"]),
        (&json!("Microsoft.KeyVault.SecretNewVersionCreated"), &json!(scene::KEY_VAULT_TOPIC))
    );
    assert_eq!(body(&own)[0]["data"]["Id"], "https://contoso-data.vault.azure.net/secrets/sales/0123");
    let quirky = SecretEvent { blanks: true, ..event.clone() };
    let cloud = EventGrid::honest(EventGridSchema::CloudEvents, vec![quirky], START_MS).post("/x");
    assert_eq!(
        (&body(&cloud)["source"], &body(&cloud)["specversion"]),
        (&json!(scene::KEY_VAULT_TOPIC), &json!("1.0"))
    );
    assert_eq!(
        (&body(&cloud)["data"]["ObjectName "], &body(&cloud)["data"]["Version"]),
        (&json!("sales"), &json!(" 0123"))
    );
    assert_eq!(header(&cloud, "content-type"), "application/cloudevents+json; charset=utf-8");
    let batch = EventGrid::honest(EventGridSchema::CloudEvents, vec![event; 3], START_MS).post("/x");
    assert_eq!(body(&batch).as_array().unwrap().len(), 3);
    assert_eq!(header(&batch, "content-type"), "application/cloudevents-batch+json; charset=utf-8");
}

#[test]
fn event_grid_proves_itself_by_token_or_header() {
    let world = bot::contoso();
    let mut grid = EventGrid::honest(EventGridSchema::EventGrid, Vec::new(), START_MS);
    let first = claims(&world, &entra_keys(), bearer(&grid.post("/x"))).unwrap();
    assert_eq!(
        (&first["appid"], &first["roles"]),
        (&json!(scene::EVENT_GRID_APP_ID), &json!([scene::EVENT_GRID_ROLE]))
    );
    assert_eq!(first["iss"], format!("https://sts.windows.net/{}/", scene::TENANT_ID));
    let second = EntraToken { claims: json!({"roles": null, "aud": "other"}), ..EntraToken::honest(TokenVersion::V2) };
    let second = claims(&world, &entra_keys(), &second.text(START_MS)).unwrap();
    assert_eq!((&second["azp"], &second["aud"]), (&json!(scene::EVENT_GRID_APP_ID), &json!("other")));
    assert!(second["iss"].as_str().unwrap().ends_with("/v2.0") && second.get("roles").is_none());

    let next = EntraToken { key: TokenKey::EntraNext, ..EntraToken::honest(TokenVersion::V1) }.text(START_MS);
    assert!(claims(&world, &entra_keys(), &next).is_none());
    world.publish_next_entra_key();
    assert!(claims(&world, &entra_keys(), &next).is_some());
    let stranger = EntraToken {
        key: TokenKey::Stranger,
        header: json!({"kid": TokenKey::Entra.kid()}),
        ..EntraToken::honest(TokenVersion::V1)
    };
    assert!(claims(&world, &entra_keys(), &stranger.text(START_MS)).is_none());
    let elsewhere = format!("/login/{}/discovery/v2.0/keys", scene::FOREIGN_TENANT_ID);
    assert_eq!(bot::send(&world, bot::request("GET", &elsewhere, "", &Value::Null)).status, 404);

    grid.proof = EventGridProof::Header("guess".to_owned());
    assert_eq!(
        (header(&grid.post("/x"), scene::HOOK_KEY_HEADER), header(&grid.post("/x"), "authorization")),
        ("guess", "")
    );
    grid.proof = EventGridProof::Nothing;
    assert_eq!(header(&grid.post("/x"), "authorization"), "");
}

#[test]
fn event_grid_shakes_hands_in_two_ways() {
    let grid = EventGrid::honest(EventGridSchema::EventGrid, Vec::new(), START_MS);
    let asked = grid.validation("/x", "the-code", "https://rp.eventgrid.azure.net:553/validate");
    assert_eq!(header(&asked, "aeg-event-type"), "SubscriptionValidation");
    assert_eq!(
        (&body(&asked)[0]["data"]["validationCode"], body(&asked).as_array().unwrap().len()),
        (&json!("the-code"), 1)
    );
    let options = handshake_options("/x", None);
    assert_eq!(
        (options.method().as_str(), header(&options, "webhook-request-origin")),
        ("OPTIONS", "eventgrid.azure.net")
    );
    assert_eq!(header(&handshake_options("/x", Some("evil.example")), "webhook-request-origin"), "evil.example");
}

#[test]
fn pub_sub_pushes_with_a_token_of_google() {
    let world = bot::contoso();
    let push = PubSub::honest("m1", "SECRET_VERSION_ADD", "sales", Some("7"), START_MS);
    let request = push.post("/x");
    let said = claims(&world, "/google/oauth2/v3/certs", bearer(&request)).unwrap();
    assert_eq!(
        (&said["email"], &said["email_verified"], &said["aud"]),
        (&json!(scene::PUB_SUB_ACCOUNT), &json!(true), &json!(scene::PUB_SUB_AUDIENCE))
    );
    let message = body(&request)["message"].clone();
    assert_eq!(message["attributes"]["versionId"], "projects/604182937745/secrets/sales/versions/7");
    assert_eq!(message["attributes"]["secretId"], "projects/604182937745/secrets/sales");
    let next = PubSub { key: TokenKey::GoogleNext, claims: json!({"email_verified": false}), ..push };
    assert!(claims(&world, "/google/oauth2/v3/certs", &next.token()).is_none());
    world.publish_next_google_key();
    assert_eq!(claims(&world, "/google/oauth2/v3/certs", &next.token()).unwrap()["email_verified"], false);
}

/// Whether the key of the scene's certificate has signed the message, by the version it says.
fn signed_by_sns(body: &Value) -> bool {
    let der: String = scene::SNS_CERTIFICATE.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = RsaPrivateKey::from_pkcs8_pem(include_str!("../../src/keys/sns-2048.pem")).unwrap().to_public_key();
    let (der, modulus) = (STANDARD.decode(der).unwrap(), key.n().to_bytes_be());
    assert!(der.windows(modulus.len()).any(|part| part == modulus), "the certificate is that key's");
    let names: &[&str] = if body["Type"] == "Notification" {
        &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    } else {
        &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    };
    let present = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", body[*name].as_str()?)));
    let text: String = present.collect();
    let signature = STANDARD.decode(body["Signature"].as_str().unwrap()).unwrap();
    match body["SignatureVersion"].as_str().unwrap() {
        "1" => key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(text), &signature),
        _ => key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text), &signature),
    }
    .is_ok()
}

#[test]
fn sns_signs_in_the_body() {
    let event = label_updated("e1", "sales", "v1", START_MS);
    let honest = Sns::notification("m1", &event, START_MS + 7);
    let request = honest.post("/x");
    assert_eq!(header(&request, "content-type"), "text/plain; charset=UTF-8");
    let said = body(&request);
    assert!(signed_by_sns(&said));
    assert_eq!(serde_json::from_str::<Value>(said["Message"].as_str().unwrap()).unwrap(), event);
    assert_eq!((&said["Timestamp"], &said["SignatureVersion"]), (&json!("2026-01-15T09:00:00.007Z"), &json!("2")));
    assert!(signed_by_sns(&body(&Sns { subject: Some("News".into()), ..honest.clone() }.post("/x"))));
    assert!(signed_by_sns(&body(&honest.clone().version_1().post("/x"))));
    assert!(!signed_by_sns(&body(&Sns { sha256: false, ..honest.clone() }.post("/x"))), "SHA-1 said to be version 2");
    assert!(!signed_by_sns(&body(&Sns { key: SnsKey::Stranger, ..honest.clone() }.post("/x"))));
    let raw = Sns { raw: true, ..honest }.post("/x");
    assert_eq!((header(&raw, "x-amz-sns-rawdelivery"), body(&raw)), ("true", event));
    let asked = Sns::confirmation("m2", START_MS).post("/x");
    assert!(signed_by_sns(&body(&asked)));
    assert_eq!(
        (&body(&asked)["Token"], header(&asked, "x-amz-sns-message-type")),
        (&json!(scene::SNS_TOKEN), "SubscriptionConfirmation")
    );
}

/// Opens a JWE with the bot's key.
fn open(jwe: &str) -> Option<Vec<u8>> {
    let parts: Vec<_> = jwe.split('.').collect();
    let bytes = |at: usize| URL_SAFE_NO_PAD.decode(parts[at]).unwrap();
    let key = RsaPrivateKey::from_pkcs8_pem(scene::WORKER_SEALING_KEY).unwrap();
    let content_key = key.decrypt(Oaep::new::<Sha256>(), &bytes(1)).ok()?;
    let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&content_key));
    let (nonce, tag, mut content) = (bytes(2), bytes(4), bytes(3));
    let (nonce, tag) = (Nonce::from_slice(&nonce), Tag::from_slice(&tag));
    cipher.decrypt_in_place_detached(nonce, parts[0].as_bytes(), &mut content, tag).ok()?;
    Some(content)
}

#[test]
fn a_value_is_sealed_for_one_key() {
    let key = SealedValue::public_key(scene::WORKER_SEALING_KEY);
    assert_eq!((&key["alg"], &key["use"], key.get("kid")), (&json!("RSA-OAEP-256"), &json!("enc"), None));
    let sealed = SealedValue::honest(&key, "p\u{e4}ss", [7; 32]);
    assert_eq!(open(&sealed.jwe()).unwrap(), "p\u{e4}ss".as_bytes());
    assert_eq!(sealed.jwe(), sealed.jwe(), "the same seed seals the same way");
    assert_ne!(sealed.jwe(), SealedValue { seed: [8; 32], ..sealed.clone() }.jwe());
    assert!(open(&SealedValue { sha1: true, ..sealed.clone() }.jwe()).is_none());
    let other = SealedValue { key: SealedValue::public_key(scene::REPLACEMENT_KEY), ..sealed.clone() };
    assert!(open(&other.jwe()).is_none());
    let compressed = SealedValue { header: json!({"zip": "DEF"}), ..sealed.clone() }.jwe();
    let header = URL_SAFE_NO_PAD.decode(compressed.split('.').next().unwrap()).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&header).unwrap(),
        json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "zip": "DEF"})
    );
    assert_eq!(SealedValue { key: json!({}), ..sealed.clone() }.jwe(), "");
    let pushed = body(&StandardWebhook::pushed("msg_1", START_MS, "sales", "v7", &sealed).post("/x"));
    assert_eq!((&pushed["type"], &pushed["data"]["version"]), (&json!("secret.pushed"), &json!("v7")));
    assert_eq!(open(pushed["data"]["sealed"].as_str().unwrap()).unwrap(), "p\u{e4}ss".as_bytes());
}
