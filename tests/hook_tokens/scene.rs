//! Deliveries as Event Grid, Pub/Sub and SNS make them, each to be spoiled in one place, and what becomes of them.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use emulator::teams::{SigningKey, key_set, sign};
use http::{HeaderMap, HeaderName};
use pbi_rotate::codec::certificate::{self, Certificate};
use pbi_rotate::codec::jwks::{self, KeySet};
use pbi_rotate::codec::signatures::{Hash, PrivateKey, RsaKey, Signatures, Unchecked};
use pbi_rotate::codec::webhook::{Malformed, Message, Post, Unproven, event_grid, pub_sub};
use pbi_rotate::domain::names::Guid;
use pbi_rotate::domain::source::{Hint, Manager, News, SecretId};
use pbi_rotate::domain::time::Timestamp;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::cryptography::Native;

/// 2026-11-21 18:30 UTC.
pub const NOW: i64 = 1_795_285_800;

pub const TENANT: &str = "4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10";
pub const AUDIENCE: &str = "api://pbi-rotate.contoso.example";
/// Event Grid's application in the public cloud.
pub const EVENT_GRID: &str = "4962773b-9cdb-44cf-a8bf-237846a00ab7";
pub const ROLE: &str = "AzureEventGridSecureWebhookSubscriber";
pub const STS: &str = "https://sts.windows.net";
pub const LOGIN: &str = "https://login.microsoftonline.com";
pub const TOPIC: &str = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourcegroups/data/providers/microsoft.keyvault/vaults/contoso-kv";

pub const PUSH: &str = "https://rotate.contoso.example/hooks/7f3k";
pub const ACCOUNT: &str = "push@contoso-data.iam.gserviceaccount.com";

pub const SNS_TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:secrets";

pub fn guid(text: &str) -> Guid {
    Guid::parse(text).expect("a GUID")
}

pub fn key_vault() -> Manager {
    Manager::KeyVault { vault: "contoso-kv".to_owned() }
}

pub fn google() -> Manager {
    Manager::Google { project: "123456".to_owned(), location: None }
}

pub fn aws() -> Manager {
    Manager::Aws { region: "eu-central-1".to_owned(), account: "123456789012".to_owned() }
}

pub fn hint(event: &str, secret: &str, version: Option<&str>, news: News) -> Hint {
    let secret = Some(SecretId::Named(secret.to_owned()));
    Hint { event: event.to_owned(), secret, version: version.map(str::to_owned), news }
}

/// An event that is of no interest.
pub fn nothing(event: &str) -> Hint {
    Hint { event: event.to_owned(), secret: None, version: None, news: News::Other }
}

pub fn headers(fields: &[(&str, &str)]) -> HeaderMap {
    let field =
        |(name, value): &(&str, &str)| (HeaderName::try_from(*name).expect("a name"), value.parse().expect("a value"));
    let mut all = HeaderMap::new();
    for (name, value) in fields.iter().map(field) {
        all.append(name, value);
    }
    all
}

/// The platform of the tests.
pub struct Platform {
    /// Whether it cannot check anything.
    pub broken: bool,
}

impl Signatures for Platform {
    async fn verify_rsa(&self, key: &RsaKey, hash: Hash, message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        if self.broken { Err(Unchecked) } else { Native.verify_rsa(key, hash, message, signature).await }
    }

    async fn verify_ed25519(&self, _: &[u8; 32], _: &[u8], _: &[u8]) -> Result<bool, Unchecked> {
        Err(Unchecked)
    }

    async fn public_rsa(&self, _: &PrivateKey) -> Result<RsaKey, Unchecked> {
        Err(Unchecked)
    }

    async fn sign_rs256(&self, _: &PrivateKey, _: &[u8]) -> Result<Vec<u8>, Unchecked> {
        Err(Unchecked)
    }

    async fn open_oaep(&self, _: &PrivateKey, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unchecked> {
        Err(Unchecked)
    }
}

/// A delivery that a token proves, good as it comes.
pub struct Tokened {
    pub header: Value,
    pub claims: Value,
    pub key: SigningKey,
    /// What becomes of the signed token.
    pub token: fn(String) -> String,
    /// What becomes of the value of the header.
    pub value: fn(String) -> String,
    /// How often the header is there.
    pub times: usize,
    pub broken: bool,
    pub body: Vec<u8>,
}

impl Tokened {
    fn with(claims: Value) -> Self {
        Self {
            header: json!({"alg": "RS256", "kid": SigningKey::First.kid(), "typ": "JWT"}),
            claims,
            key: SigningKey::First,
            token: |token| token,
            value: |value| value,
            times: 1,
            broken: false,
            body: Vec::new(),
        }
    }

    /// Event Grid's, with a token of version 1 as Entra issues it.
    pub fn event_grid() -> Self {
        Self::with(json!({
            "aud": AUDIENCE, "iss": format!("{STS}/{TENANT}/"), "iat": NOW - 60, "nbf": NOW - 60, "exp": NOW + 86_340,
            "appid": EVENT_GRID, "appidacr": "2", "idtyp": "app", "oid": "0f1e2d3c-4b5a-4968-8776-655443322110",
            "roles": [ROLE], "tid": TENANT, "ver": "1.0",
        }))
    }

    /// The same, of version 2.
    pub fn event_grid_v2() -> Self {
        let mut sent = Self::event_grid();
        for (name, value) in [
            ("iss", json!(format!("{LOGIN}/{TENANT}/v2.0"))),
            ("appid", Value::Null),
            ("azp", json!(EVENT_GRID)),
            ("ver", json!("2.0")),
        ] {
            change(&mut sent.claims, name, value);
        }
        sent
    }

    /// Pub/Sub's.
    pub fn pub_sub() -> Self {
        Self::with(json!({
            "aud": PUSH, "azp": "113774264463038321964", "email": ACCOUNT, "email_verified": true,
            "iat": NOW - 60, "exp": NOW + 3540, "iss": "https://accounts.google.com", "sub": "113774264463038321964",
        }))
    }

    fn headers(&self) -> HeaderMap {
        let token = (self.token)(sign(self.key, &self.header.to_string(), &self.claims.to_string()));
        let value = (self.value)(format!("Bearer {token}"));
        headers(&vec![("authorization", value.as_str()); self.times])
    }

    /// What Event Grid's door makes of it.
    pub fn at_event_grid(&self) -> Result<Result<Message, Malformed>, Unproven> {
        let (tenant, headers) = (guid(TENANT), self.headers());
        let post = Post { headers: &headers, body: &self.body };
        let parties = event_grid::Parties {
            tenant: &tenant,
            audience: AUDIENCE,
            app: EVENT_GRID,
            issuer_v1: STS,
            login_url: LOGIN,
        };
        let platform = Platform { broken: self.broken };
        let verified = run(event_grid::verify_token(post, &known(), parties, Timestamp::from_secs(NOW), &platform))?;
        Ok(event_grid::read(&verified, &key_vault(), TOPIC))
    }

    /// What Pub/Sub's makes of it.
    pub fn at_pub_sub(&self) -> Result<Result<Message, Malformed>, Unproven> {
        let headers = self.headers();
        let post = Post { headers: &headers, body: &self.body };
        let parties = pub_sub::Parties { audience: PUSH, email: ACCOUNT };
        let platform = Platform { broken: self.broken };
        let verified = run(pub_sub::verify(post, &known(), parties, Timestamp::from_secs(NOW), &platform))?;
        Ok(pub_sub::read(&verified, &google()))
    }
}

/// Changes a field; `null` takes it away.
pub fn change(object: &mut Value, name: &str, value: Value) {
    let object = object.as_object_mut().expect("an object");
    match value {
        Value::Null => drop(object.remove(name)),
        value => drop(object.insert(name.to_owned(), value)),
    }
}

/// The keys that the issuer publishes.
pub fn known() -> KeySet {
    jwks::read(&key_set(&[SigningKey::First, SigningKey::Second])).expect("a key set")
}

/// The certificate that SNS signs with.
pub fn sns_certificate() -> Certificate {
    certificate::read(include_bytes!("../fixtures/certificates/rsa.pem")).expect("a certificate")
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here keeps anybody waiting"),
    }
}
