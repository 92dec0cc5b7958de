//! What a secret manager of the catalog needs of the Worker's secrets: told, all at once, when the catalog is put.

use emulator::scene as company;
use serde_json::{Value, json};

use super::PATH;
use crate::bot::Bot;
use crate::scene::ADMIN_TOKEN;

crate::stories![what_a_manager_needs_is_told_when_the_catalog_is_put];

/// Secret managers, each with what it needs besides a path.
fn managers() -> Vec<(&'static str, &'static str, Value)> {
    let (key, pem) = (company::HOOK_KEY, company::WORKER_SEALING_KEY);
    let relay = company::WEBHOOK_SECRET;
    vec![
        (
            "aws",
            "manager = { kind = \"AwsSecretsManager\", region = \"eu-central-1\", account = \"481273905516\" }
             events = { kind = \"EventBridge\" }",
            json!({ "keys": [key], "access_key_id": company::AWS_KEY_ID, "secret_access_key": company::AWS_SECRET_KEY }),
        ),
        (
            "bao",
            "manager = { kind = \"Vault\", url = \"https://bao.contoso.example\" }
             events = { kind = \"OpenBaoAudit\" }",
            json!({ "keys": [key], "role_id": "role-of-the-bot", "secret_id": company::VAULT_SECRET_ID }),
        ),
        (
            "doppler",
            "manager = { kind = \"Doppler\", project = \"warehouse\", config = \"prd\" }
             events = { kind = \"Doppler\" }",
            json!({ "keys": [company::DOPPLER_SIGNING_KEY], "token": company::DOPPLER_TOKEN }),
        ),
        (
            "google",
            "manager = { kind = \"GoogleSecretManager\", project = \"contoso-data-4711\" }
             events = { kind = \"PubSub\", audience = \"https://pbi\", email = \"push@contoso.example\" }",
            json!({ "client_email": "bot@contoso.example", "private_key": pem }),
        ),
        (
            "infisical",
            "manager = { kind = \"Infisical\", project = \"e6501cee\", environment = \"prod\" }
             events = { kind = \"Infisical\" }",
            json!({
                "keys": [company::INFISICAL_SIGNING_KEY],
                "client_id": "identity-of-the-bot", "client_secret": company::INFISICAL_CLIENT_SECRET,
            }),
        ),
        (
            "jwt",
            "manager = { kind = \"Vault\", url = \"https://vault.contoso.example\", \
             login = { method = \"Jwt\", role = \"pbi\", audience = \"https://vault.contoso.example\" } }",
            json!({ "private_key": pem }),
        ),
        (
            "key-vault",
            "manager = { kind = \"AzureKeyVault\", vault = \"contoso-data\" }
             events = { kind = \"EventGrid\", topic = \"/subscriptions/b3\" }",
            json!({ "keys": [key] }),
        ),
        (
            "pushed",
            "manager = { kind = \"Pushed\" }
             events = { kind = \"StandardWebhooks\" }",
            json!({ "keys": [relay], "private_key": pem }),
        ),
        ("silent", "manager = { kind = \"AzureKeyVault\", vault = \"contoso-hr\" }", json!({})),
        (
            "sns",
            "manager = { kind = \"AwsSecretsManager\", region = \"eu-central-1\", account = \"481273905516\" }
             events = { kind = \"Sns\", topic = \"arn:aws:sns:eu-central-1:481273905516:secrets\" }",
            json!({ "access_key_id": company::AWS_KEY_ID, "secret_access_key": company::AWS_SECRET_KEY }),
        ),
    ]
}

fn catalog() -> String {
    let tables = managers().into_iter().map(|(name, table, _)| format!("[sources.{name}]\n{table}\n"));
    tables.chain(["[targets]\n".to_owned()]).collect()
}

/// The Worker's secret for each, as `change` leaves it.
fn deployed(bot: &mut Bot, change: impl Fn(&str, &mut Value)) {
    let mut variables = Vec::new();
    for (at, (name, _, mut secrets)) in managers().into_iter().enumerate() {
        secrets["path"] = json!(format!("{PATH}{at}"));
        change(name, &mut secrets);
        variables.push((format!("SOURCE_{}", name.to_uppercase().replace('-', "_")), secrets.to_string()));
    }
    let variables: Vec<_> = variables.iter().map(|(name, secrets)| (name.as_str(), secrets.as_str())).collect();
    bot.with(&variables);
}

/// What is said of the catalog.
fn told(bot: &Bot) -> Vec<String> {
    let (status, body) = bot.put_catalog("", ADMIN_TOKEN, &catalog());
    assert_eq!(status, 422, "{body:#}");
    serde_json::from_value(body["problems"].clone()).unwrap()
}

fn what_a_manager_needs_is_told_when_the_catalog_is_put(bot: &mut Bot) {
    let missing: Vec<_> = managers()
        .into_iter()
        .map(|(name, ..)| {
            let variable = name.to_uppercase().replace('-', "_");
            format!("sources.{name}: the secret SOURCE_{variable} of the Worker is missing")
        })
        .collect();
    assert_eq!(told(bot), missing);

    deployed(bot, |_, secrets| secrets.as_object_mut().unwrap().retain(|name, _| name == "path"));
    let needed = [
        ("aws", "access_key_id"),
        ("aws", "secret_access_key"),
        ("aws", "keys"),
        ("bao", "role_id"),
        ("bao", "secret_id"),
        ("bao", "keys"),
        ("doppler", "token"),
        ("doppler", "keys"),
        ("google", "client_email"),
        ("google", "private_key"),
        ("infisical", "client_id"),
        ("infisical", "client_secret"),
        ("infisical", "keys"),
        ("jwt", "private_key"),
        ("key-vault", "keys"),
        ("pushed", "private_key"),
        ("pushed", "keys"),
        ("sns", "access_key_id"),
        ("sns", "secret_access_key"),
    ];
    let needed = needed.map(|(name, what)| {
        let variable = name.to_uppercase().replace('-', "_");
        format!("sources.{name}: the secret SOURCE_{variable} of the Worker has no {what}")
    });
    assert_eq!(told(bot), needed);

    deployed(bot, |name, secrets| match name {
        "pushed" => secrets["keys"] = json!([company::WEBHOOK_SECRET, company::HOOK_KEY]),
        "jwt" => secrets["private_key"] = json!("-----BEGIN RSA PRIVATE KEY-----"),
        "google" => secrets["private_key"] = json!("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        _ => {}
    });
    let odd = [
        "sources.google: the secret SOURCE_GOOGLE of the Worker has a private_key that is a key behind a passphrase: decrypt it with `openssl pkcs8 -nocrypt`",
        "sources.jwt: the secret SOURCE_JWT of the Worker has a private_key that is a key in another form: convert it with `openssl pkcs8 -topk8 -nocrypt`",
        "sources.pushed: the secret SOURCE_PUSHED of the Worker has a key that is neither whsec_… nor whpk_…",
    ];
    assert_eq!(told(bot), odd);

    deployed(bot, |_, _| {});
    bot.knows(&catalog());
}
