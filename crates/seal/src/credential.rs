//! The kinds of credential a data source can keep, as the plaintext a gateway expects.

use crate::{Secret, json};

/// A credential of a data source. What the services call each kind is named where the names differ.
pub enum Credential {
    /// No credential at all.
    Anonymous,
    /// A user name and a password of the data source.
    Basic {
        /// The user's name.
        username: String,
        /// The user's password.
        password: Secret,
    },
    /// A Windows account.
    Windows {
        /// The account, as `DOMAIN\user` or `user@domain`.
        username: String,
        /// The account's password.
        password: Secret,
    },
    /// The account under which the gateway itself runs (Fabric, personal gateways only).
    WindowsWithoutImpersonation,
    /// An account key.
    Key {
        /// The key.
        key: Secret,
    },
    /// An access token. It works for about an hour: the services are given no refresh token.
    OAuth2 {
        /// The token.
        access_token: Secret,
    },
    /// A shared access signature: `SAS` in Power BI, `SharedAccessSignature` in Fabric.
    Sas {
        /// The signature's query string.
        token: Secret,
    },
    /// An application in Microsoft Entra.
    ServicePrincipal {
        /// The directory in which the application lives.
        tenant_id: String,
        /// The application's client id.
        client_id: String,
        /// The application's client secret.
        secret: Secret,
    },
    /// A key pair (Snowflake; Fabric only).
    KeyPair {
        /// The user to whom the pair belongs.
        identifier: String,
        /// The private key, a PKCS#8 PEM document.
        private_key: Secret,
        /// What opens the private key, when it is encrypted.
        passphrase: Option<Secret>,
    },
}

impl Credential {
    /// The plaintext as Microsoft's .NET SDK writes it: `{"credentialData":[{"name":"username","value":"..."},...]}`.
    ///
    /// This is what gets encrypted for an on-premises gateway, and what goes in clear to a cloud data source (Power
    /// BI REST, Gateways: Update Datasource, `credentials`).
    pub fn to_json(&self) -> Secret {
        // The one place where secrets become plaintext; the result is a secret again.
        match self {
            Credential::Anonymous | Credential::WindowsWithoutImpersonation => json::credential_data(&[]),
            Credential::Basic { username, password } | Credential::Windows { username, password } => {
                json::credential_data(&[("username", username), ("password", password.expose())])
            }
            Credential::Key { key } => json::credential_data(&[("key", key.expose())]),
            Credential::OAuth2 { access_token } => json::credential_data(&[("accessToken", access_token.expose())]),
            Credential::Sas { token } => json::credential_data(&[("token", token.expose())]),
            Credential::ServicePrincipal { tenant_id, client_id, secret } => json::credential_data(&[
                ("tenantId", tenant_id),
                ("servicePrincipalClientId", client_id),
                ("servicePrincipalSecret", secret.expose()),
            ]),
            Credential::KeyPair { identifier, private_key, passphrase: None } => {
                json::credential_data(&[("identifier", identifier), ("privateKey", private_key.expose())])
            }
            Credential::KeyPair { identifier, private_key, passphrase: Some(passphrase) } => json::credential_data(&[
                ("identifier", identifier),
                ("privateKey", private_key.expose()),
                ("passphrase", passphrase.expose()),
            ]),
        }
    }
}
