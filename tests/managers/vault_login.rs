//! Logging in to Vault: the two bodies, our own token, and refusals.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use pbi_rotate::clients::secrets::vault_login::{Login, Minted};
use pbi_rotate::codec::signatures::PrivateKey;
use pbi_rotate::domain::trouble::{Cause, Trouble};
use rsa::Pkcs1v15Sign;
use seal::Secret;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cryptography::Native;
use crate::scene::{LEAK, NOW, headers, key_pair, secret, trouble, why};
use crate::wire::{Script, answer, run};

const GRANTED: &str = r#"{"auth":{"client_token":"hvs.t0ken","lease_duration":60,"renewable":true}}"#;

fn app_role(wire: &Script) -> Result<Secret, Trouble> {
    let login = Login { wire, base: "https://vault.test", namespace: Some("team") };
    run(login.app_role("approle", "r0le", &secret("s3cr3t\"")))
}

fn jwt(wire: &Script) -> Result<Secret, Trouble> {
    let login = Login { wire, base: "https://vault.test", namespace: None };
    run(login.jwt("a/jwt", "bot", &secret("a.b.c")))
}

#[test]
fn each_way_has_its_own_body() {
    type Way = fn(&Script) -> Result<Secret, Trouble>;
    let rows: [(Way, &str, Value, &[&str]); 2] = [
        (
            app_role,
            "https://vault.test/v1/auth/approle/login",
            json!({ "role_id": "r0le", "secret_id": "s3cr3t\"" }),
            &["content-type: application/json", "x-vault-namespace: team", "x-vault-request: true"],
        ),
        (
            jwt,
            "https://vault.test/v1/auth/a/jwt/login",
            json!({ "role": "bot", "jwt": "a.b.c" }),
            &["content-type: application/json", "x-vault-request: true"],
        ),
    ];
    for (way, url, body, sent) in rows {
        let wire = Script::new([answer(200, &[], GRANTED)]);
        assert_eq!(way(&wire).map(|token| token.expose().to_owned()).as_deref(), Ok("hvs.t0ken"));
        let request = wire.only();
        assert_eq!((request.method(), request.uri().to_string().as_str()), (&Method::POST, url));
        assert_eq!(serde_json::from_slice::<Value>(request.body()).unwrap(), body);
        assert_eq!(headers(&request), sent);
    }
}

#[test]
fn what_is_wrong_with_us_is_told_as_such() {
    let body = json!({ "errors": [LEAK] }).to_string();
    for way in [app_role, jwt] {
        for status in [400, 401, 403] {
            assert_eq!(trouble(way(&Script::new([answer(status, &[], &body)]))).cause, Cause::Identity);
        }
        for body in [r#"{"auth":null}"#, r#"{"auth":{"client_token":7}}"#] {
            assert_eq!(trouble(way(&Script::new([answer(200, &[], body)]))).cause, Cause::Unintelligible);
        }
    }
}

#[test]
fn our_own_token_says_who_we_are_for_five_minutes() {
    let (key, public) = key_pair();
    let (issuer, audience) = ("https://bot.test", "https://vault.test");
    let minted = |key_id| Minted { key: &key, key_id, issuer, audience, now: NOW, id: "j1" };
    for key_id in [None, Some("k1")] {
        let token = run(minted(key_id).sign(&Native)).unwrap_or_else(|trouble| panic!("{trouble:?}"));
        let (signed, signature) = token.expose().rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(public.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(signed), &signature).is_ok());
        let part = |text: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let mut expected = json!({ "alg": "RS256", "typ": "JWT" });
        if let Some(id) = key_id {
            expected["kid"] = id.into();
        }
        assert_eq!(part(header), expected);
        let now = NOW.as_secs();
        let expected = json!({
            "iss": issuer, "sub": "pbi-rotate", "aud": audience, "iat": now, "exp": now + 300, "jti": "j1",
        });
        assert_eq!(part(claims), expected);
    }
    let none = PrivateKey(Zeroizing::new(Vec::new()));
    let broken = Minted { key: &none, key_id: None, issuer, audience, now: NOW, id: "j1" };
    let told = (Cause::Identity, Some("our private key for it cannot sign".to_owned()));
    assert_eq!(why(run(broken.sign(&Native))), told);
}
