//! The bodies of Update Datasource: every kind of credential, on premises and in the cloud.

use pbi_rotate::clients::payload::Payload;
use pbi_rotate::clients::powerbi::update;
use pbi_rotate::domain::credential::Kind;
use pbi_rotate::domain::target::{DataSource, Privacy, Reach};
use pbi_rotate::domain::trouble::Cause;
use serde_json::{Value, json};

use crate::described::wrong;
use crate::scene::{GATEWAY, SECOND, clear, sealed, source};

fn body(source: &DataSource, kind: Kind, payload: &Payload) -> Result<Value, Cause> {
    let body = update::body(source, kind, payload)?;
    let body = serde_json::from_slice(&body.into_bytes()).unwrap();
    assert_eq!(wrong("UpdateDatasourceRequest", &body), Ok(()));
    Ok(body)
}

/// Kind, `credentialType`, and the plaintext for the cloud; `None` where Power BI has no such type.
const KINDS: [(Kind, Option<(&str, &str)>); 10] = [
    (Kind::Anonymous, Some(("Anonymous", r#"{"credentialData":[]}"#))),
    (
        Kind::Basic,
        Some((
            "Basic",
            r#"{"credentialData":[{"name":"username","value":"ana"},{"name":"password","value":"pässw0rd\"\\"}]}"#,
        )),
    ),
    (
        Kind::Windows,
        Some((
            "Windows",
            r#"{"credentialData":[{"name":"username","value":"CONTOSO\\svc"},{"name":"password","value":"pw"}]}"#,
        )),
    ),
    (Kind::WindowsWithoutImpersonation, None),
    (Kind::Key, Some(("Key", r#"{"credentialData":[{"name":"key","value":"k3y"}]}"#))),
    (Kind::OAuth2, Some(("OAuth2", r#"{"credentialData":[{"name":"accessToken","value":"at"}]}"#))),
    (Kind::Sas, Some(("SAS", r#"{"credentialData":[{"name":"token","value":"sp=rl&sig=x%2F"}]}"#))),
    (
        Kind::ServicePrincipal,
        Some((
            "ServicePrincipal",
            r#"{"credentialData":[{"name":"tenantId","value":"00000000-0000-0000-0000-00000000000a"},{"name":"servicePrincipalClientId","value":"00000000-0000-0000-0000-00000000000b"},{"name":"servicePrincipalSecret","value":"sps"}]}"#,
        )),
    ),
    (Kind::KeyPair, None),
    (Kind::WorkspaceIdentity, None),
];

#[test]
fn the_table_has_every_kind() {
    assert_eq!(KINDS.map(|(kind, _)| kind), Kind::ALL);
}

#[test]
fn in_the_cloud_the_credential_goes_as_plaintext_and_says_so() {
    for (kind, expected) in KINDS {
        let expected = expected.ok_or(Cause::KindRefused).map(|(credential_type, credentials)| {
            json!({"credentialDetails": {
                "credentialType": credential_type,
                "credentials": credentials,
                "encryptedConnection": "Encrypted",
                "encryptionAlgorithm": "None",
                "privacyLevel": "Organizational",
                "useEndUserOAuth2Credentials": false,
            }})
        });
        assert_eq!(body(&source(Reach::Cloud), kind, &clear(kind)), expected, "{kind:?}");
    }
}

#[test]
fn on_premises_one_ciphertext_goes_under_the_gateways_key() {
    for (kind, expected) in KINDS {
        let expected = expected.ok_or(Cause::KindRefused).map(|(credential_type, _)| {
            json!({"credentialDetails": {
                "credentialType": credential_type,
                "credentials": "sealed 0",
                "encryptedConnection": "Encrypted",
                "encryptionAlgorithm": "RSA-OAEP",
                "privacyLevel": "Organizational",
                "useEndUserOAuth2Credentials": false,
            }})
        });
        assert_eq!(body(&source(Reach::OnPremises), kind, &sealed(&[GATEWAY])), expected, "{kind:?}");
    }
}

#[test]
fn settings_are_said_as_configured() {
    let configured = DataSource {
        privacy: Privacy::None,
        encrypted_connection: false,
        end_user_sso: true,
        caller_identity: true,
        ..source(Reach::Cloud)
    };
    let body = body(&configured, Kind::OAuth2, &clear(Kind::OAuth2)).unwrap();
    let details = &body["credentialDetails"];
    assert_eq!(details["privacyLevel"], "None");
    assert_eq!(details["encryptedConnection"], "NotEncrypted");
    assert_eq!(details["useEndUserOAuth2Credentials"], true);
    assert_eq!(details["useCallerAADIdentity"], true);
}

#[test]
fn a_payload_that_does_not_fit_makes_no_body() {
    let rows = [
        ("plaintext for a gateway", Reach::OnPremises, clear(Kind::Basic), Cause::EncryptionRefused),
        ("nothing for a gateway", Reach::OnPremises, sealed(&[]), Cause::EncryptionRefused),
        ("another gateway's ciphertext", Reach::OnPremises, sealed(&[SECOND]), Cause::EncryptionRefused),
        ("a ciphertext for each member", Reach::OnPremises, sealed(&[GATEWAY, SECOND]), Cause::EncryptionRefused),
        ("an identity for a gateway", Reach::OnPremises, Payload::WorkspaceIdentity, Cause::KindRefused),
        ("ciphertext for the cloud", Reach::Cloud, sealed(&[GATEWAY]), Cause::EncryptionRefused),
        ("another kind", Reach::Cloud, clear(Kind::Windows), Cause::KindRefused),
        ("an identity for the cloud", Reach::Cloud, Payload::WorkspaceIdentity, Cause::KindRefused),
    ];
    for (what, reach, payload, cause) in rows {
        assert_eq!(body(&source(reach), Kind::Basic, &payload), Err(cause), "{what}");
    }
}
