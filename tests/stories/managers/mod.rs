//! Secret managers: a new version there is put in place here, by itself or once somebody has approved it.

mod aws;
mod concerned;
mod configured;
mod deliveries;
mod doctor;
mod door;
mod doppler;
mod event_grid;
mod google;
mod infisical;
mod key_vault;
mod messages;
mod openbao;
mod outage;
mod pausing;
mod pushed;
mod reconciling;
mod referenced;
mod rollback;
mod sns;
mod standard;
mod static_roles;
mod storm;
mod vault;
mod versions;

use bytes::Bytes;
use emulator::scene as company;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::scene::{on_premises, target, with_rules};

/// Where the pretend secret managers are; see [`crate::scene::placed`].
const PLACES: [(&str, &str); 8] = [
    ("KEY_VAULT_URL", "{base}/keyvault/{vault}"),
    ("AWS_SECRETS_URL", "{base}/aws/{region}"),
    ("SNS_URL", "{base}/sns/{region}"),
    ("GOOGLE_SECRETS_URL", "{base}/google"),
    ("GOOGLE_TOKEN_URL", "{base}/google/token"),
    ("GOOGLE_CERTS_URL", "{base}/google/oauth2/v3/certs"),
    ("DOPPLER_URL", "{base}/doppler"),
    ("INFISICAL_URL", "{base}/infisical"),
];

/// The part of a secret manager's address that nobody can guess.
const PATH: &str = "k7Qm2xV9bT4hR8wZ3nL6pD1sF5gJ0yCa";

/// A secret manager of the catalog, with what the Worker knows of it.
struct Source {
    /// Its table in the catalog, without the head; `{base}` is where the pretend world is.
    table: String,
    /// The secret of the Worker, without the path.
    secrets: Value,
}

/// A login of a database.
const LOGIN: &str = r#"{ kind = "Basic", username = "feed" }"#;
/// What a card says in the end.
const VERIFIED: &str = "Rotated and verified, 1 of 1";

impl Bot {
    /// Deploys the bot with a secret manager, "vault", and a catalog in which `sales-db` is bound to a secret of it.
    fn is_bound(&mut self, source: &Source, binding: &str, rules: &str) {
        self.is_bound_as(source, LOGIN, binding, rules);
    }

    /// The same with another kind of login.
    fn is_bound_as(&mut self, source: &Source, login: &str, binding: &str, rules: &str) {
        let mut secrets = source.secrets.clone();
        secrets["path"] = json!(PATH);
        for (_, secret) in secrets.as_object().unwrap() {
            let texts = secret.as_array().cloned().unwrap_or_else(|| vec![secret.clone()]);
            texts.iter().filter_map(Value::as_str).for_each(|text| drop(self.secret(text)));
        }
        let mut changes = PLACES.to_vec();
        let secrets = secrets.to_string();
        changes.push(("SOURCE_VAULT", &secrets));
        self.with(&changes);
        self.knows(&catalog(source, login, binding, rules).replace("{base}", &self.world.base_url()));
    }

    /// Delivers a message of the secret manager; it is taken.
    fn takes(&self, message: &Request<Bytes>) {
        let response = self.posted(message);
        assert_eq!(response.status(), StatusCode::OK, "{response:?}\n{}", self.log());
    }

    /// Delivers a message of the secret manager.
    fn posted(&self, message: &Request<Bytes>) -> Response<Bytes> {
        self.deliver(message.clone())
    }

    /// The last password that a gateway opened for `sales-db`.
    fn password(&self) -> Option<String> {
        let opened = self.world.opened().pop()?;
        let plain: Value = serde_json::from_str(&opened.plaintext).unwrap();
        let data = plain["credentialData"].as_array().unwrap();
        let password = data.iter().find(|pair| pair["name"] == "password")?;
        password["value"].as_str().map(str::to_owned)
    }
}

/// The address that messages are sent to.
fn address() -> String {
    format!("/hooks/{PATH}")
}

/// A catalog with that secret manager, and `sales-db` bound to a secret of it.
fn catalog(source: &Source, login: &str, binding: &str, rules: &str) -> String {
    let place = on_premises(company::GATEWAY_SALES, company::SALES_SQL);
    let mut sales = target("sales-db", "Sales warehouse", login, &[&place]);
    if !rules.is_empty() {
        sales = with_rules(&sales, rules);
    }
    let sales = sales.replace("destinations =", &format!("secret = {{ from = \"vault\", {binding} }}\ndestinations ="));
    format!("operators = [\"slack:U0FAY\"]\n[sources.vault]\n{}\n{sales}", source.table)
}
