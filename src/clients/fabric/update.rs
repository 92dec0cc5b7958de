//! The body of Fabric's Update Connection.

use seal::{Credential, Secret};
use serde::Serialize;

use crate::clients::SecretBytes;
use crate::clients::payload::{Payload, SealedFor};
use crate::domain::credential::Kind;
use crate::domain::settable::{Place, settable};
use crate::domain::target::{Connection, ConnectionEncryption, Connectivity, SingleSignOn};
use crate::domain::trouble::Cause;

/// `UpdateConnectionRequest` and what is derived from it (Fabric REST, Connections: Update Connection).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    connectivity_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    privacy_level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_connection_usage_in_gateway: Option<bool>,
    credential_details: Details<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    single_sign_on_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_encryption: Option<&'static str>,
    skip_test_connection: bool,
    credentials: Credentials<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Credentials<'a> {
    credential_type: &'static str,
    #[serde(flatten)]
    values: Values<'a>,
}

/// What stands beside `credentialType`, by the schema of each type.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Values<'a> {
    /// `AnonymousCredentials`, `WorkspaceIdentityCredentials`, `WindowsWithoutImpersonationCredentials`.
    Nothing {},
    /// `BasicCredentials`, `WindowsCredentials`.
    Account { username: &'a str, password: &'a str },
    /// `KeyCredentials`.
    Key { key: &'a str },
    /// `SharedAccessSignatureCredentials`.
    Token { token: &'a str },
    /// `ServicePrincipalCredentials`.
    ServicePrincipal { tenant_id: &'a str, service_principal_client_id: &'a str, service_principal_secret: &'a str },
    /// `KeyPairCredentials`.
    KeyPair {
        identifier: &'a str,
        private_key: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        passphrase: Option<&'a str>,
    },
    /// `OnPremisesGatewayCredentials`.
    Members { values: Vec<Entry<'a>> },
    /// `OnPremisesGatewayPersonalCredentials`.
    Personal { encrypted_credentials: &'a str },
}

/// `OnPremisesCredentialEntry`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    gateway_id: &'a str,
    encrypted_credentials: &'a str,
}

/// The body that sets `payload`, a credential of that kind, at `connection`. A name or a permission that connections of
/// its type do not have is left out.
///
/// # Errors
/// Why it must not be sent: [`Cause::KindRefused`] when the kind cannot be set there or the payload is of another,
/// [`Cause::EncryptionRefused`] when the payload is plaintext for a gateway or ciphertext for the cloud.
pub fn body(connection: &Connection, kind: Kind, payload: &Payload) -> Result<SecretBytes, Cause> {
    use Connectivity::{OnPremisesGateway, OnPremisesGatewayPersonal, PersonalCloud, ShareableCloud};
    let via = connection.via;
    settable(kind, Place::Fabric(via)).map_err(|_| Cause::KindRefused)?;
    let values = match via {
        OnPremisesGateway => members(payload)?,
        OnPremisesGatewayPersonal => personal(payload)?,
        _ => payload.clear(kind)?.map_or(Ok(Values::Nothing {}), clear)?,
    };
    let request = Request {
        connectivity_type: via.name(),
        display_name: connection
            .display_name
            .as_deref()
            .filter(|_| !matches!(via, PersonalCloud | OnPremisesGatewayPersonal)),
        privacy_level: connection.privacy.name(),
        allow_connection_usage_in_gateway: connection
            .usage_in_gateway
            .filter(|_| matches!(via, ShareableCloud | PersonalCloud)),
        credential_details: Details {
            single_sign_on_type: connection.single_sign_on.map(SingleSignOn::name),
            connection_encryption: connection.encryption.map(ConnectionEncryption::name),
            skip_test_connection: connection.skip_test,
            credentials: Credentials { credential_type: name(kind), values },
        },
    };
    SecretBytes::json(&request).map_err(|_| Cause::Rejected)
}

/// `credentialType`: the catalog's names, but for one.
const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Sas => "SharedAccessSignature",
        _ => kind.name(),
    }
}

fn members<'a>(payload: &'a Payload) -> Result<Values<'a>, Cause> {
    let entry =
        |one: &'a SealedFor| Entry { gateway_id: one.member.as_str(), encrypted_credentials: one.sealed.as_str() };
    Ok(Values::Members { values: payload.sealed()?.iter().map(entry).collect() })
}

fn personal(payload: &Payload) -> Result<Values<'_>, Cause> {
    match payload.sealed()? {
        [one] => Ok(Values::Personal { encrypted_credentials: one.sealed.as_str() }),
        _ => Err(Cause::EncryptionRefused),
    }
}

/// Secrets are exposed here to be sent: Fabric takes cloud credentials in clear, inside TLS.
fn clear(credential: &Credential) -> Result<Values<'_>, Cause> {
    Ok(match credential {
        Credential::Anonymous | Credential::WindowsWithoutImpersonation => Values::Nothing {},
        Credential::Basic { username, password } | Credential::Windows { username, password } => {
            Values::Account { username, password: password.expose() }
        }
        Credential::Key { key } => Values::Key { key: key.expose() },
        Credential::Sas { token } => Values::Token { token: token.expose() },
        Credential::ServicePrincipal { tenant_id, client_id, secret } => Values::ServicePrincipal {
            tenant_id,
            service_principal_client_id: client_id,
            service_principal_secret: secret.expose(),
        },
        Credential::KeyPair { identifier, private_key, passphrase } => Values::KeyPair {
            identifier,
            private_key: private_key.expose(),
            passphrase: passphrase.as_ref().map(Secret::expose),
        },
        Credential::OAuth2 { .. } => return Err(Cause::KindRefused),
    })
}
