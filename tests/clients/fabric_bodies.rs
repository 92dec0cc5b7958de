//! The bodies of Update Connection: every kind of credential through every type of connectivity.

use pbi_rotate::clients::fabric::update;
use pbi_rotate::clients::payload::Payload;
use pbi_rotate::domain::credential::Kind;
use pbi_rotate::domain::target::{Connection, ConnectionEncryption, Connectivity, Privacy, SingleSignOn};
use pbi_rotate::domain::trouble::Cause;
use seal::Credential;
use serde_json::{Value, json};

use crate::described::wrong;
use crate::scene::{CLIENT, GATEWAY, SECOND, TENANT, clear, connection, sealed, secret};

fn body(connection: &Connection, kind: Kind, payload: &Payload) -> Result<Value, Cause> {
    let body = update::body(connection, kind, payload)?;
    let body = serde_json::from_slice(&body.into_bytes()).unwrap();
    assert_eq!(wrong("UpdateConnectionRequest", &body), Ok(()));
    Ok(body)
}

/// What a cell of the table below expects.
#[derive(Clone, Copy)]
enum Cell {
    /// In clear.
    Clear,
    /// Sealed, for each of two members.
    Each,
    /// Sealed, once.
    Once,
    /// No body.
    Never,
}
use Cell::{Clear, Each, Never, Once};

/// Kind and `credentialType`, then the cells in the order of `Connectivity::ALL`: ShareableCloud, PersonalCloud,
/// OnPremisesGateway, OnPremisesGatewayPersonal, VirtualNetworkGateway, StreamingVirtualNetworkGateway.
const TABLE: [(Kind, &str, [Cell; 6]); 10] = [
    (Kind::Anonymous, "Anonymous", [Clear, Clear, Each, Once, Clear, Clear]),
    (Kind::Basic, "Basic", [Clear, Clear, Each, Once, Clear, Clear]),
    (Kind::Windows, "Windows", [Clear, Clear, Each, Once, Clear, Clear]),
    (Kind::WindowsWithoutImpersonation, "WindowsWithoutImpersonation", [Never, Never, Never, Once, Never, Never]),
    (Kind::Key, "Key", [Clear, Clear, Each, Once, Clear, Clear]),
    (Kind::OAuth2, "OAuth2", [Never, Never, Never, Never, Never, Never]),
    (Kind::Sas, "SharedAccessSignature", [Clear, Clear, Each, Once, Clear, Clear]),
    (Kind::ServicePrincipal, "ServicePrincipal", [Clear, Clear, Each, Once, Clear, Clear]),
    (Kind::KeyPair, "KeyPair", [Clear, Clear, Each, Once, Clear, Clear]),
    (Kind::WorkspaceIdentity, "WorkspaceIdentity", [Clear, Clear, Never, Never, Never, Never]),
];

/// What stands beside `credentialType` in clear, by the schema of each type.
fn fields(kind: Kind) -> Value {
    match kind {
        Kind::Basic => json!({"username": "ana", "password": "pässw0rd\"\\"}),
        Kind::Windows => json!({"username": r"CONTOSO\svc", "password": "pw"}),
        Kind::Key => json!({"key": "k3y"}),
        Kind::Sas => json!({"token": "sp=rl&sig=x%2F"}),
        Kind::ServicePrincipal => {
            json!({"tenantId": TENANT, "servicePrincipalClientId": CLIENT, "servicePrincipalSecret": "sps"})
        }
        Kind::KeyPair => json!({"identifier": "LOADER", "privateKey": "pem", "passphrase": "pp"}),
        _ => json!({}),
    }
}

#[test]
fn every_kind_goes_through_every_connectivity_as_its_schema_says() {
    assert_eq!(TABLE.map(|(kind, ..)| kind), Kind::ALL);
    for (kind, credential_type, cells) in TABLE {
        for (via, cell) in Connectivity::ALL.iter().zip(cells) {
            let (payload, expected) = match cell {
                Clear => (clear(kind), fields(kind)),
                Each => (
                    sealed(&[GATEWAY, SECOND]),
                    json!({"values": [
                        {"gatewayId": GATEWAY, "encryptedCredentials": "sealed 0"},
                        {"gatewayId": SECOND, "encryptedCredentials": "sealed 1"},
                    ]}),
                ),
                Once => (sealed(&[GATEWAY]), json!({"encryptedCredentials": "sealed 0"})),
                Never => {
                    for payload in [clear(kind), sealed(&[GATEWAY])] {
                        assert_eq!(
                            body(&connection(*via), kind, &payload),
                            Err(Cause::KindRefused),
                            "{kind:?} {via:?}"
                        );
                    }
                    continue;
                }
            };
            let mut credentials = json!({"credentialType": credential_type});
            credentials.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
            let expected = json!({
                "connectivityType": via.name(),
                "privacyLevel": "Private",
                "credentialDetails": {"skipTestConnection": false, "credentials": credentials},
            });
            assert_eq!(body(&connection(*via), kind, &payload), Ok(expected), "{kind:?} {via:?}");
        }
    }
}

#[test]
fn settings_are_said_where_the_schema_has_them() {
    // Connectivity, displayName, allowConnectionUsageInGateway.
    let rows = [
        (Connectivity::ShareableCloud, true, true),
        (Connectivity::PersonalCloud, false, true),
        (Connectivity::OnPremisesGateway, true, false),
        (Connectivity::OnPremisesGatewayPersonal, false, false),
        (Connectivity::VirtualNetworkGateway, true, false),
        (Connectivity::StreamingVirtualNetworkGateway, true, false),
    ];
    for (via, named, usage) in rows {
        let configured = Connection {
            privacy: Privacy::None,
            encryption: Some(ConnectionEncryption::NotEncrypted),
            single_sign_on: Some(SingleSignOn::MicrosoftEntraId),
            skip_test: true,
            display_name: Some("Sales".into()),
            usage_in_gateway: Some(false),
            ..connection(via)
        };
        let payload = if via.sealed() { sealed(&[GATEWAY]) } else { clear(Kind::Anonymous) };
        let body = body(&configured, Kind::Anonymous, &payload).unwrap();
        assert_eq!(body.get("displayName"), named.then_some(json!("Sales")).as_ref(), "{via:?}");
        assert_eq!(body.get("allowConnectionUsageInGateway"), usage.then_some(json!(false)).as_ref(), "{via:?}");
        assert_eq!(body["privacyLevel"], "None");
        assert_eq!(body["credentialDetails"]["connectionEncryption"], "NotEncrypted");
        assert_eq!(body["credentialDetails"]["singleSignOnType"], "MicrosoftEntraID");
        assert_eq!(body["credentialDetails"]["skipTestConnection"], true);
    }
}

#[test]
fn a_key_without_passphrase_goes_without() {
    let pair =
        Payload::Clear(Credential::KeyPair { identifier: "L".into(), private_key: secret("pem"), passphrase: None });
    let body = body(&connection(Connectivity::ShareableCloud), Kind::KeyPair, &pair).unwrap();
    let expected = json!({"credentialType": "KeyPair", "identifier": "L", "privateKey": "pem"});
    assert_eq!(body["credentialDetails"]["credentials"], expected);
}

#[test]
fn a_payload_that_does_not_fit_makes_no_body() {
    use Connectivity::{OnPremisesGateway, OnPremisesGatewayPersonal, ShareableCloud, VirtualNetworkGateway};
    let rows = [
        ("plaintext for a gateway", OnPremisesGateway, clear(Kind::Basic), Cause::EncryptionRefused),
        ("plaintext for a personal gateway", OnPremisesGatewayPersonal, clear(Kind::Basic), Cause::EncryptionRefused),
        ("no member", OnPremisesGateway, sealed(&[]), Cause::EncryptionRefused),
        ("no ciphertext", OnPremisesGatewayPersonal, sealed(&[]), Cause::EncryptionRefused),
        ("two for one", OnPremisesGatewayPersonal, sealed(&[GATEWAY, SECOND]), Cause::EncryptionRefused),
        ("an identity for a gateway", OnPremisesGateway, Payload::WorkspaceIdentity, Cause::KindRefused),
        ("ciphertext for the cloud", ShareableCloud, sealed(&[GATEWAY]), Cause::EncryptionRefused),
        ("ciphertext for a virtual network", VirtualNetworkGateway, sealed(&[GATEWAY]), Cause::EncryptionRefused),
        ("another kind", ShareableCloud, clear(Kind::Windows), Cause::KindRefused),
        ("an identity for the cloud", ShareableCloud, Payload::WorkspaceIdentity, Cause::KindRefused),
    ];
    for (what, via, payload, cause) in rows {
        assert_eq!(body(&connection(via), Kind::Basic, &payload), Err(cause), "{what}");
    }
}
