//! The body of Power BI's Update Datasource.

use serde::Serialize;

use crate::clients::SecretBytes;
use crate::clients::payload::{Payload, SealedFor};
use crate::domain::credential::Kind;
use crate::domain::settable::{Place, settable};
use crate::domain::target::{DataSource, Reach};
use crate::domain::trouble::Cause;

/// `UpdateDatasourceRequest` (Power BI REST, Gateways: Update Datasource).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    credential_details: Details<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    credential_type: &'static str,
    credentials: &'a str,
    encrypted_connection: &'static str,
    encryption_algorithm: &'static str,
    privacy_level: &'static str,
    /// Always said: a source that leaves single sign-on has to be told `false`.
    #[serde(rename = "useEndUserOAuth2Credentials")]
    end_user_sso: bool,
    #[serde(rename = "useCallerAADIdentity", skip_serializing_if = "std::ops::Not::not")]
    caller_identity: bool,
}

/// The body that sets `payload`, a credential of that kind, at `source`.
///
/// # Errors
/// Why it must not be sent: [`Cause::KindRefused`] when the kind cannot be set there or the payload is of another,
/// [`Cause::EncryptionRefused`] when the payload is plaintext for a gateway, ciphertext for the cloud, or sealed to another
/// gateway.
pub fn body(source: &DataSource, kind: Kind, payload: &Payload) -> Result<SecretBytes, Cause> {
    settable(kind, Place::PowerBi(source.reach)).map_err(|_| Cause::KindRefused)?;
    let clear;
    let (credentials, encryption_algorithm) = match source.reach {
        Reach::OnPremises => match payload.sealed()? {
            // One for the whole cluster, under the key of its first member.
            [SealedFor { member, sealed }] if *member == source.gateway => (sealed.as_str(), "RSA-OAEP"),
            _ => return Err(Cause::EncryptionRefused),
        },
        Reach::Cloud => {
            clear = payload.clear(kind)?.ok_or(Cause::KindRefused)?.to_json();
            // Exposed to be sent: Power BI takes cloud credentials in clear, inside TLS.
            (clear.expose(), "None")
        }
    };
    let credential_details = Details {
        credential_type: kind.name(),
        credentials,
        encrypted_connection: if source.encrypted_connection { "Encrypted" } else { "NotEncrypted" },
        encryption_algorithm,
        privacy_level: source.privacy.name(),
        end_user_sso: source.end_user_sso,
        caller_identity: source.caller_identity,
    };
    SecretBytes::json(&Request { credential_details }).map_err(|_| Cause::Rejected)
}
