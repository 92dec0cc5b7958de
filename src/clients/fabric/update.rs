//! The body of Fabric's Update Connection.

use seal::Credential;

use crate::clients::payload::Payload;
use crate::clients::{SecretBytes, SecretJson};
use crate::domain::credential::Kind;
use crate::domain::settable::{Place, settable};
use crate::domain::target::{Connection, ConnectionEncryption, Connectivity, SingleSignOn};
use crate::domain::trouble::Cause;

/// The body that sets `payload`, a credential of that kind, at `connection`: `UpdateConnectionRequest` and what is derived
/// from it (Fabric REST, Connections: Update Connection). A name or a permission that connections of its type do not have
/// is left out.
///
/// # Errors
/// Why it must not be sent: [`Cause::KindRefused`] when the kind cannot be set there or the payload is of another,
/// [`Cause::EncryptionRefused`] when the payload is plaintext for a gateway or ciphertext for the cloud.
pub fn body(connection: &Connection, kind: Kind, payload: &Payload) -> Result<SecretBytes, Cause> {
    use Connectivity::{OnPremisesGateway, OnPremisesGatewayPersonal, PersonalCloud, ShareableCloud};
    let via = connection.via;
    settable(kind, Place::Fabric(via)).map_err(|_| Cause::KindRefused)?;
    let mut json = SecretJson::object();
    json.text("connectivityType", via.name());
    let name = connection.display_name.as_deref();
    if let Some(name) = name.filter(|_| !matches!(via, PersonalCloud | OnPremisesGatewayPersonal)) {
        json.text("displayName", name);
    }
    json.text("privacyLevel", connection.privacy.name());
    if let Some(usage) = connection.usage_in_gateway.filter(|_| matches!(via, ShareableCloud | PersonalCloud)) {
        json.flag("allowConnectionUsageInGateway", usage);
    }
    json.open("credentialDetails");
    if let Some(sso) = connection.single_sign_on.map(SingleSignOn::name) {
        json.text("singleSignOnType", sso);
    }
    if let Some(encryption) = connection.encryption.map(ConnectionEncryption::name) {
        json.text("connectionEncryption", encryption);
    }
    json.flag("skipTestConnection", connection.skip_test);
    json.open("credentials");
    json.text("credentialType", credential_type(kind));
    match via {
        OnPremisesGateway => members(&mut json, payload)?,
        OnPremisesGatewayPersonal => personal(&mut json, payload)?,
        _ => {
            if let Some(credential) = payload.clear(kind)? {
                clear(&mut json, credential)?;
            }
        }
    }
    Ok(json.finish())
}

/// `credentialType`: the catalog's names, but for one.
const fn credential_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Sas => "SharedAccessSignature",
        _ => kind.name(),
    }
}

/// `OnPremisesGatewayCredentials`: an `OnPremisesCredentialEntry` for each member.
fn members(json: &mut SecretJson, payload: &Payload) -> Result<(), Cause> {
    json.open_list("values");
    for one in payload.sealed()? {
        json.open_entry();
        json.text("gatewayId", one.member.as_str());
        json.text("encryptedCredentials", one.sealed.as_str());
        json.close();
    }
    Ok(())
}

/// `OnPremisesGatewayPersonalCredentials`.
fn personal(json: &mut SecretJson, payload: &Payload) -> Result<(), Cause> {
    let [one] = payload.sealed()? else { return Err(Cause::EncryptionRefused) };
    json.text("encryptedCredentials", one.sealed.as_str());
    Ok(())
}

/// What stands beside `credentialType`, by the schema of each type. Secrets are exposed here to be sent: Fabric takes cloud
/// credentials in clear, inside TLS.
fn clear(json: &mut SecretJson, credential: &Credential) -> Result<(), Cause> {
    match credential {
        Credential::Anonymous | Credential::WindowsWithoutImpersonation => {}
        Credential::Basic { username, password } | Credential::Windows { username, password } => {
            json.text("username", username);
            json.text("password", password.expose());
        }
        Credential::Key { key } => json.text("key", key.expose()),
        Credential::Sas { token } => json.text("token", token.expose()),
        Credential::ServicePrincipal { tenant_id, client_id, secret } => {
            json.text("tenantId", tenant_id);
            json.text("servicePrincipalClientId", client_id);
            json.text("servicePrincipalSecret", secret.expose());
        }
        Credential::KeyPair { identifier, private_key, passphrase } => {
            json.text("identifier", identifier);
            json.text("privateKey", private_key.expose());
            if let Some(passphrase) = passphrase {
                json.text("passphrase", passphrase.expose());
            }
        }
        Credential::OAuth2 { .. } => return Err(Cause::KindRefused),
    }
    Ok(())
}
