//! Secret managers that post to the Worker, one for each way of proving a message, and what the Worker has to know of them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use emulator::{
    TokenKey, scene,
    senders::{
        Doppler, EntraToken, EventBridge, EventGrid, EventGridProof, EventGridSchema, Infisical, OpenBaoAudit, PubSub,
        SecretEvent, Sns, SnsKey, StandardWebhook, TokenVersion, label_updated,
    },
};
use http::Request;
use serde_json::{Value, json};

/// Where the pretend secret managers are.
pub(crate) const PLACES: [(&str, &str); 3] = [
    ("KEY_VAULT_URL", "{world}/keyvault/{vault}"),
    ("SNS_URL", "{world}/sns/{region}"),
    ("GOOGLE_CERTS_URL", "{world}/google/oauth2/v3/certs"),
];

/// A secret that no target is bound to.
const UNBOUND: &str = "nobody-rotates-this";

/// Makes a message: by the path, a number, the time, and whether it is genuine. A forged one has the same form and the
/// signature or key of somebody else, so that all of it is checked.
type Make = fn(&str, usize, u64, bool) -> Request<Bytes>;

/// One sender.
pub(crate) struct Sender {
    /// What is measured.
    pub(crate) title: &'static str,
    /// Its name in the catalog.
    name: &'static str,
    /// Its table in the catalog, without the head.
    table: String,
    /// The secret of the Worker, without the path.
    knows: Value,
    message: Make,
}

impl Sender {
    /// The variable of the Worker, and its value.
    pub(crate) fn variable(&self) -> (String, String) {
        let mut knows = self.knows.clone();
        if let Some(knows) = knows.as_object_mut() {
            knows.insert("path".to_owned(), path(self.name).into());
        }
        (format!("SOURCE_{}", self.name.to_ascii_uppercase().replace('-', "_")), knows.to_string())
    }

    /// Its part of the catalog.
    pub(crate) fn source(&self) -> String {
        format!("[sources.{}]\n{}\n", self.name, self.table)
    }

    /// A message about a secret that no target is bound to.
    pub(crate) fn message(&self, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
        (self.message)(&address(self.name), number, now_ms, genuine)
    }
}

/// The part of a source's address that nobody could guess, in earnest.
pub(crate) fn path(source: &str) -> String {
    format!("{source:x<32}")
}

/// Where the messages of that source are sent to.
pub(crate) fn address(source: &str) -> String {
    format!("/hooks/{}", path(source))
}

/// One for each way of proving a message.
pub(crate) fn all() -> Vec<Sender> {
    let hook_key = json!({"keys": [scene::HOOK_KEY]});
    let aws = format!(
        r#"manager = {{ kind = "AwsSecretsManager", region = "{}", account = "{}" }}"#,
        scene::AWS_REGION,
        scene::AWS_ACCOUNT
    );
    let in_aws = json!({
        "access_key_id": scene::AWS_KEY_ID, "secret_access_key": scene::AWS_SECRET_KEY, "keys": [scene::HOOK_KEY],
    });
    let google = format!(
        "manager = {{ kind = \"GoogleSecretManager\", project = \"{}\" }}\n\
         events = {{ kind = \"PubSub\", audience = \"{}\", email = \"{}\" }}",
        scene::GOOGLE_PROJECT,
        scene::PUB_SUB_AUDIENCE,
        scene::PUB_SUB_ACCOUNT
    );
    let doppler = format!(
        "manager = {{ kind = \"Doppler\", project = \"{}\", config = \"{}\" }}\nevents = {{ kind = \"Doppler\" }}",
        scene::DOPPLER_PROJECT,
        scene::DOPPLER_CONFIG
    );
    let infisical = format!(
        "manager = {{ kind = \"Infisical\", project = \"{}\", environment = \"{}\", folder = \"{}\" }}\n\
         events = {{ kind = \"Infisical\" }}",
        scene::INFISICAL_PROJECT,
        scene::INFISICAL_ENVIRONMENT,
        scene::INFISICAL_FOLDER
    );
    let standard = vault(r#"{ kind = "StandardWebhooks" }"#);
    let openbao = "manager = { kind = \"Vault\", url = \"https://vault.contoso.example\" }\n\
                   events = { kind = \"OpenBaoAudit\" }";
    let sender = |title, name, table, knows, message: Make| Sender { title, name, table, knows, message };
    vec![
        sender("Standard Webhooks, v1", "standard", standard.clone(), json!({"keys": [scene::WEBHOOK_SECRET]}), shared),
        sender("Standard Webhooks, v1a", "ed25519", standard, json!({"keys": [scene::WEBHOOK_PUBLIC_KEY]}), ed25519),
        sender("Event Grid, by token", "event-grid", event_grid_source(), json!({}), event_grid),
        sender(
            "Event Grid, by header",
            "event-grid-key",
            vault(&format!(r#"{{ kind = "EventGrid", topic = "{}" }}"#, scene::KEY_VAULT_TOPIC)),
            hook_key,
            event_grid_key,
        ),
        sender(
            "EventBridge",
            "event-bridge",
            format!("{aws}\nevents = {{ kind = \"EventBridge\" }}"),
            in_aws.clone(),
            event_bridge,
        ),
        sender(
            "SNS, version 2",
            "sns",
            format!("{aws}\nevents = {{ kind = \"Sns\", topic = \"{}\" }}", scene::SNS_TOPIC),
            in_aws,
            sns,
        ),
        sender(
            "Pub/Sub",
            "pub-sub",
            google,
            json!({"client_email": scene::GOOGLE_ACCOUNT, "private_key": scene::GOOGLE_ACCOUNT_KEY}),
            pub_sub,
        ),
        sender(
            "OpenBao's audit device",
            "openbao",
            openbao.to_owned(),
            json!({"role_id": scene::VAULT_ROLE_ID, "secret_id": scene::VAULT_SECRET_ID, "keys": [scene::HOOK_KEY]}),
            openbao_audit,
        ),
        sender(
            "Doppler",
            "doppler",
            doppler,
            json!({"token": scene::DOPPLER_TOKEN, "keys": [scene::DOPPLER_SIGNING_KEY]}),
            from_doppler,
        ),
        sender(
            "Infisical",
            "infisical",
            infisical,
            json!({
                "client_id": scene::INFISICAL_CLIENT_ID, "client_secret": scene::INFISICAL_CLIENT_SECRET,
                "keys": [scene::INFISICAL_SIGNING_KEY],
            }),
            from_infisical,
        ),
    ]
}

/// The table of the scene's vault, whose Event Grid has tokens of Entra.
pub(crate) fn event_grid_source() -> String {
    let (topic, tenant, audience) = (scene::KEY_VAULT_TOPIC, scene::TENANT_ID, scene::EVENT_GRID_AUDIENCE);
    vault(&format!(r#"{{ kind = "EventGrid", topic = "{topic}", tenant = "{tenant}", audience = "{audience}" }}"#))
}

/// The table of the scene's vault, with messages of that kind.
fn vault(events: &str) -> String {
    format!("manager = {{ kind = \"AzureKeyVault\", vault = \"{}\" }}\nevents = {events}", scene::KEY_VAULT)
}

/// The header's key, or the one before it, which does not count any more.
fn hook_key(genuine: bool) -> String {
    if genuine { scene::HOOK_KEY } else { scene::HOOK_KEY_OLD }.to_owned()
}

fn shared(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let key = if genuine { scene::WEBHOOK_SECRET } else { scene::WEBHOOK_SECRET_OLD };
    standard(path, number, now_ms, key.to_owned())
}

fn ed25519(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let forger = || format!("whsk_{}", STANDARD.encode([7; 32]));
    standard(path, number, now_ms, if genuine { scene::WEBHOOK_PRIVATE_KEY.to_owned() } else { forger() })
}

fn standard(path: &str, number: usize, now_ms: u64, key: String) -> Request<Bytes> {
    let webhook = StandardWebhook::changed(&format!("msg_{number}"), now_ms, UNBOUND);
    StandardWebhook { keys: vec![key], ..webhook }.post(path)
}

fn event_grid(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let honest = EntraToken::honest(TokenVersion::V1);
    let forged = || EntraToken {
        key: TokenKey::Stranger,
        header: json!({"kid": TokenKey::Entra.kid()}),
        ..EntraToken::honest(TokenVersion::V1)
    };
    let proof = EventGridProof::Entra(if genuine { honest } else { forged() });
    in_vault(path, number, now_ms, proof)
}

fn event_grid_key(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    in_vault(path, number, now_ms, EventGridProof::Header(hook_key(genuine)))
}

fn in_vault(path: &str, number: usize, now_ms: u64, proof: EventGridProof) -> Request<Bytes> {
    let version = format!("{number:032x}");
    let event = SecretEvent::new_version(&format!("event-{number}"), UNBOUND, &version, now_ms);
    EventGrid { proof, ..EventGrid::honest(EventGridSchema::EventGrid, vec![event], now_ms) }.post(path)
}

fn event_bridge(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    EventBridge { key: Some(hook_key(genuine)), event: label(number, now_ms) }.post(path)
}

fn sns(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let key = if genuine { SnsKey::Service } else { SnsKey::Stranger };
    Sns { key, ..Sns::notification(&format!("message-{number}"), &label(number, now_ms), now_ms) }.post(path)
}

fn label(number: usize, now_ms: u64) -> Value {
    label_updated(&format!("event-{number}"), UNBOUND, &format!("version-{number}"), now_ms)
}

fn pub_sub(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let honest = PubSub::honest(&number.to_string(), "SECRET_VERSION_ADD", UNBOUND, Some("7"), now_ms);
    let forged = PubSub { key: TokenKey::Stranger, header: json!({"kid": TokenKey::Google.kid()}), ..honest.clone() };
    if genuine { honest } else { forged }.post(path)
}

fn openbao_audit(path: &str, number: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let line = OpenBaoAudit::kv_written(&format!("request-{number}"), UNBOUND, now_ms);
    OpenBaoAudit { key: Some(hook_key(genuine)), ..line }.post(path)
}

fn from_doppler(path: &str, _: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let mut message = Doppler::updated(&[UNBOUND], now_ms);
    if !genuine {
        scene::HOOK_KEY.clone_into(&mut message.key);
    }
    message.post(path)
}

fn from_infisical(path: &str, _: usize, now_ms: u64, genuine: bool) -> Request<Bytes> {
    let mut message = Infisical::honest("secrets.modified", now_ms);
    if !genuine {
        scene::HOOK_KEY.clone_into(&mut message.key);
    }
    message.post(path)
}
