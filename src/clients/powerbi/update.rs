//! The body of Power BI's Update Datasource.

use crate::clients::payload::{Payload, SealedFor};
use crate::clients::{SecretBytes, SecretJson};
use crate::domain::credential::Kind;
use crate::domain::settable::{Place, settable};
use crate::domain::target::{DataSource, Reach};
use crate::domain::trouble::Cause;

/// The body that sets `payload`, a credential of that kind, at `source`: `UpdateDatasourceRequest` (Power BI REST,
/// Gateways: Update Datasource).
///
/// # Errors
/// Why it must not be sent: [`Cause::KindRefused`] when the kind cannot be set there or the payload is of another,
/// [`Cause::EncryptionRefused`] when the payload is plaintext for a gateway, ciphertext for the cloud, or sealed to another
/// gateway.
pub fn body(source: &DataSource, kind: Kind, payload: &Payload) -> Result<SecretBytes, Cause> {
    settable(kind, Place::PowerBi(source.reach)).map_err(|_| Cause::KindRefused)?;
    let clear;
    let (credentials, algorithm) = match source.reach {
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
    let mut json = SecretJson::object();
    json.open("credentialDetails");
    json.text("credentialType", kind.name());
    json.text("credentials", credentials);
    json.text("encryptedConnection", if source.encrypted_connection { "Encrypted" } else { "NotEncrypted" });
    json.text("encryptionAlgorithm", algorithm);
    json.text("privacyLevel", source.privacy.name());
    // Always said: a source that leaves single sign-on has to be told `false`.
    json.flag("useEndUserOAuth2Credentials", source.end_user_sso);
    if source.caller_identity {
        json.flag("useCallerAADIdentity", true);
    }
    Ok(json.finish())
}
