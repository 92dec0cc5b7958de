//! Secret managers in the catalog, and what targets are bound to: every key, and every refusal.

use pbi_rotate::codec::catalog;
use pbi_rotate::domain::catalog::Catalog;
use pbi_rotate::domain::credential::Field;
use pbi_rotate::domain::names::{Guid, SourceName, TargetName};
use pbi_rotate::domain::source::{Binding, EventGridToken, Events, Manager, SecretId, Source, Username, VaultLogin};

use crate::{GOOD, refused};

const TENANT: &str = "6c4d35a5-6e5f-4d2c-9f2c-3c1c9c8b7a60";

/// One source and one binding, which the cases below spoil in one place each.
fn good() -> String {
    with_source(
        r#"manager = { kind = "AwsSecretsManager", region = "eu-central-1", account = "481273905516" }
events = { kind = "EventBridge" }"#,
    )
}

/// The small catalog with that source, `vault`, to a secret of which its target is bound by name.
fn with_source(table: &str) -> String {
    let bound = GOOD.replacen("title =", "secret = { from = \"vault\", name = \"sales-db\" }\ntitle =", 1);
    format!("[sources.vault]\n{table}\n{bound}")
}

/// The same with another `secret`, and another credential.
fn with_binding(table: &str, secret: &str, credential: &str) -> String {
    let text = with_source(table).replacen("{ from = \"vault\", name = \"sales-db\" }", secret, 1).replacen(
        "{ kind = \"Basic\", username = \"svc\" }",
        credential,
        1,
    );
    // Power BI's data sources take fewer kinds of credentials than Fabric's connections.
    let lines = text.lines().filter(|line| !line.starts_with("{ datasource"));
    lines.collect::<Vec<_>>().join("\n")
}

fn parsed(text: &str) -> Catalog {
    catalog::parse(text).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}

fn source(table: &str) -> Source {
    let text = format!("[sources.vault]\n{table}\n[targets]\n");
    parsed(&text).sources.remove(&SourceName::parse("vault").unwrap()).unwrap()
}

fn binding(text: &str) -> Binding {
    parsed(text).targets.remove(&TargetName::parse("sales").unwrap()).unwrap().binding.unwrap()
}

/// Holds that each change is refused with these words, and nothing else is.
fn each_is_refused(good: &str, cases: &[(&str, &str, &str)]) {
    assert_eq!(refused(good), [""; 0]);
    for (from, to, expected) in cases {
        assert!(good.contains(from), "{from}");
        assert_eq!(refused(&good.replacen(from, to, 1)), [*expected], "{from} -> {to}");
    }
}

const KEY_VAULT: &str = r#"manager = { kind = "AzureKeyVault", vault = "contoso-data" }"#;
const AWS: &str = r#"manager = { kind = "AwsSecretsManager", region = "eu-central-1", account = "481273905516" }"#;
const GOOGLE: &str = r#"manager = { kind = "GoogleSecretManager", project = "contoso-4711" }"#;
const VAULT: &str = r#"manager = { kind = "Vault", url = "https://vault.contoso.example" }"#;
const DOPPLER: &str = r#"manager = { kind = "Doppler", project = "warehouse", config = "prd" }"#;
const INFISICAL: &str = r#"manager = { kind = "Infisical", project = "e6501cee", environment = "prod" }"#;

#[test]
fn every_manager_is_read() {
    let text = str::to_owned;
    let vault = |url: &str, namespace: Option<&str>, login| Manager::Vault {
        url: text(url),
        namespace: namespace.map(text),
        login,
    };
    let app_role = |mount| VaultLogin::AppRole { mount: text(mount) };
    let jwt = |mount| VaultLogin::Jwt { mount: text(mount), role: text("pbi"), audience: text("https://v.example") };
    let infisical = |url: Option<&str>, folder| Manager::Infisical {
        url: url.map(text),
        project: text("e6501cee"),
        environment: text("prod"),
        folder: text(folder),
    };
    let google =
        |location: Option<&str>| Manager::Google { project: text("contoso-4711"), location: location.map(text) };
    let url = "https://vault.contoso.example";
    let at = |manager: &str, more: &str| manager.replacen(" }", &format!(", {more} }}"), 1);
    let login = |login: &str| at(VAULT, &format!("login = {{ {login} }}"));
    let by_jwt = r#"method = "Jwt", role = "pbi", audience = "https://v.example""#;
    let cases = [
        (text(KEY_VAULT), Manager::KeyVault { vault: text("contoso-data") }),
        (KEY_VAULT.replace("contoso", "Contoso"), Manager::KeyVault { vault: text("contoso-data") }),
        (text(AWS), Manager::Aws { region: text("eu-central-1"), account: text("481273905516") }),
        (text(GOOGLE), google(None)),
        (at(GOOGLE, r#"location = "europe-west3""#), google(Some("europe-west3"))),
        (text(VAULT), vault(url, None, app_role("approle"))),
        (VAULT.replace(".example", ".example/"), vault(url, None, app_role("approle"))),
        (at(VAULT, r#"namespace = "team/a""#), vault(url, Some("team/a"), app_role("approle"))),
        (login(r#"method = "AppRole""#), vault(url, None, app_role("approle"))),
        (login(r#"method = "AppRole", mount = "bots""#), vault(url, None, app_role("bots"))),
        (login(by_jwt), vault(url, None, jwt("jwt"))),
        (login(&format!("{by_jwt}, mount = \"oidc\"")), vault(url, None, jwt("oidc"))),
        (text(DOPPLER), Manager::Doppler { project: text("warehouse"), config: text("prd") }),
        (text(INFISICAL), infisical(None, "/")),
        (at(INFISICAL, r#"folder = "/a/b""#), infisical(None, "/a/b")),
        (at(INFISICAL, r#"url = "https://eu.infisical.com""#), infisical(Some("https://eu.infisical.com"), "/")),
    ];
    for (table, manager) in cases {
        let read = source(&table);
        assert_eq!((read.name.as_str(), read.manager, read.events), ("vault", manager, None), "{table}");
    }
    let pushed = source("manager = { kind = \"Pushed\" }\nevents = { kind = \"StandardWebhooks\" }");
    assert_eq!((pushed.manager, pushed.events), (Manager::Pushed, Some(Events::StandardWebhooks)));
}

#[test]
fn a_place_is_told_from_others_and_not_by_who_logs_in() {
    let place = |table: &str| source(table).manager.place();
    let at = |manager: &str, more: &str| manager.replacen(" }", &format!(", {more} }}"), 1);
    let places = [
        place(KEY_VAULT),
        place(&KEY_VAULT.replace("-data", "-other")),
        place(AWS),
        place(&AWS.replace("eu-central-1", "eu-west-1")),
        place(&AWS.replace("4812", "4813")),
        place(GOOGLE),
        place(&GOOGLE.replace("4711", "4712")),
        place(&at(GOOGLE, r#"location = "europe-west3""#)),
        place(VAULT),
        place(&VAULT.replace("vault.", "bao.")),
        place(&at(VAULT, r#"namespace = "team""#)),
        place(DOPPLER),
        place(&DOPPLER.replace("warehouse", "shop")),
        place(&DOPPLER.replace("prd", "dev")),
        place(INFISICAL),
        place(&INFISICAL.replace("e6501cee", "e6501cef")),
        place(&INFISICAL.replace("prod", "dev")),
        place(&at(INFISICAL, r#"folder = "/a""#)),
        place(&at(INFISICAL, r#"url = "https://eu.infisical.com""#)),
        Manager::Pushed.place(),
    ];
    let different: std::collections::BTreeSet<_> = places.iter().collect();
    assert_eq!(different.len(), places.len(), "{places:#?}");
    assert_eq!(place(VAULT), place(&at(VAULT, r#"login = { method = "AppRole", mount = "bots" }"#)));
}

#[test]
fn every_kind_of_event_is_read() {
    let text = str::to_owned;
    let topic = "/subscriptions/B3/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/contoso-data";
    let grid = |entra| Events::EventGrid { topic: topic.to_lowercase(), entra };
    let token = EventGridToken { tenant: Guid::parse(TENANT).unwrap(), audience: text("api://pbi") };
    let arn = "arn:aws:sns:eu-central-1:481273905516:secrets";
    let by_token = format!(r#"kind = "EventGrid", topic = "{topic}", tenant = "{TENANT}", audience = "api://pbi""#);
    let pub_sub = r#"kind = "PubSub", audience = "https://pbi", email = "push@contoso.example""#;
    let cases = [
        (KEY_VAULT, format!(r#"kind = "EventGrid", topic = "{topic}""#), grid(None)),
        (KEY_VAULT, by_token, grid(Some(token))),
        (AWS, text(r#"kind = "EventBridge""#), Events::EventBridge),
        (AWS, format!(r#"kind = "Sns", topic = "{arn}""#), Events::Sns { topic: text(arn), sha1: false }),
        (AWS, format!(r#"kind = "Sns", topic = "{arn}", sha1 = true"#), Events::Sns { topic: text(arn), sha1: true }),
        (GOOGLE, text(pub_sub), Events::PubSub { audience: text("https://pbi"), email: text("push@contoso.example") }),
        (VAULT, text(r#"kind = "OpenBaoAudit""#), Events::OpenBaoAudit),
        (DOPPLER, text(r#"kind = "Doppler""#), Events::Doppler),
        (INFISICAL, text(r#"kind = "Infisical""#), Events::Infisical),
    ];
    for (manager, events, read) in cases {
        let table = format!("{manager}\nevents = {{ {events} }}");
        assert_eq!(source(&table).events, Some(read), "{table}");
    }
    for manager in [KEY_VAULT, AWS, GOOGLE, VAULT, DOPPLER, INFISICAL] {
        let table = format!("{manager}\nevents = {{ kind = \"StandardWebhooks\" }}");
        assert_eq!(source(&table).events, Some(Events::StandardWebhooks), "a relay speaks for any");
    }
}

#[test]
fn every_way_to_be_bound_is_read() {
    let named = |name: &str| SecretId::Named(name.to_owned());
    let from = SourceName::parse("vault").unwrap();
    let aws = Binding {
        source: from,
        place: Some("AWS Secrets Manager\neu-central-1\n481273905516".to_owned()),
        secret: named("sales-db"),
        fields: Vec::new(),
        username: None,
        ask_again: false,
    };
    let key_vault = Binding { place: Some("Azure Key Vault\ncontoso-data".to_owned()), ..aws.clone() };
    let vault = Binding { place: Some("Vault\nhttps://vault.contoso.example\n".to_owned()), ..aws.clone() };
    assert_eq!(binding(&good()), aws);
    assert!(parsed(GOOD).targets.values().all(|target| target.binding.is_none()));

    let basic = "{ kind = \"Basic\", username = \"svc\" }";
    let keyed = r#"{ from = "vault", name = "sales-db", fields = { password = "pw" }, username = { key = "user" }, ask_again = true }"#;
    let expected = Binding {
        fields: vec![(Field::Password, "pw".to_owned())],
        username: Some(Username::Key("user".to_owned())),
        ask_again: true,
        ..aws.clone()
    };
    assert_eq!(binding(&with_binding(AWS, keyed, basic)), expected);
    let tagged = r#"{ from = "vault", name = "sales-db", username = { tag = "login" } }"#;
    let expected = Binding { username: Some(Username::Tag("login".to_owned())), ..key_vault };
    assert_eq!(binding(&with_binding(KEY_VAULT, tagged, basic)), expected);

    let kv = r#"{ from = "vault", mount = "secret", path = "teams/sales", fields = { password = "pw" } }"#;
    let expected = Binding {
        secret: SecretId::Kv { mount: "secret".to_owned(), path: "teams/sales".to_owned() },
        fields: vec![(Field::Password, "pw".to_owned())],
        ..vault.clone()
    };
    assert_eq!(binding(&with_binding(VAULT, kv, basic)), expected);
    let role = r#"{ from = "vault", mount = "database", role = "reader" }"#;
    let secret = SecretId::StaticRole { mount: "database".to_owned(), role: "reader".to_owned() };
    assert_eq!(binding(&with_binding(VAULT, role, basic)), Binding { secret, ..vault });

    let pair = "{ kind = \"KeyPair\", identifier = \"SVC\" }";
    let both = r#"{ from = "vault", name = "sales-db", fields = { private_key = "key", passphrase = "phrase" } }"#;
    let fields = vec![(Field::PrivateKey, "key".to_owned()), (Field::Passphrase, "phrase".to_owned())];
    assert_eq!(binding(&with_binding(AWS, both, pair)).fields, fields);
    let one = r#"{ from = "vault", name = "sales-db", fields = { private_key = "key" } }"#;
    assert_eq!(binding(&with_binding(AWS, one, pair)).fields, fields[..1], "a passphrase may be missing");
}

#[test]
fn what_a_source_must_not_say_is_refused() {
    let vault = "sources.vault: a secret manager's name is 1 to 40 of a-z, 0-9 and '-', and begins and ends with a letter or digit";
    let managers = "AzureKeyVault, AwsSecretsManager, GoogleSecretManager, Vault, Doppler, Infisical, Pushed";
    let events = "StandardWebhooks, EventGrid, EventBridge, Sns, PubSub, OpenBaoAudit, Doppler, Infisical";
    let other = format!("sources.vault.manager.kind: has to be one of {managers}; did you mean AwsSecretsManager?");
    let unlike = format!("sources.vault.manager.kind: has to be one of {managers}");
    let misspelt = format!("sources.vault.events.kind: has to be one of {events}; did you mean EventBridge?");
    let (event, kind) = ("events = { kind = \"EventBridge\" }", "kind = \"AwsSecretsManager\"");
    let foreign = "sources.vault.events: are of another secret manager; StandardWebhooks are taken from any";
    let digits = "sources.vault.manager.account: has to be the account's twelve digits, in quotation marks";
    let plain = "sources.vault.manager.region: may have only letters, digits and '-', '_', '.', ':' in it";
    let named = vault.replace("vault:", "Vault:");
    each_is_refused(
        &good().replacen("secret = { from = \"vault\", name = \"sales-db\" }\n", "", 1),
        &[
            ("[sources.vault]", "[sources.Vault]", &named),
            (
                "[sources.vault]",
                "[sources.vault]\nevent = 1",
                "sources.vault.event: is not known here; did you mean events?",
            ),
            (event, "events = 7", "sources.vault.events: has to be a table, { … }"),
            (event, "events = {}", "sources.vault.events.kind: is missing"),
            (event, "events = { kind = \"EventBrigde\" }", &misspelt),
            (
                event,
                "events = { kind = \"EventBridge\", topic = \"x\" }",
                "sources.vault.events.topic: is not known here; known are kind",
            ),
            (event, "events = { kind = \"PubSub\", audience = \"x\", email = \"y\" }", foreign),
            (kind, "kind = \"AwsSecretManager\"", &other),
            (kind, "kind = \"Bitwarden\"", &unlike),
            (kind, "kind = 7", "sources.vault.manager.kind: has to be text in quotation marks"),
            (kind, "name = 1", "sources.vault.manager.kind: is missing"),
            (
                "region =",
                "regoin = 1, region =",
                "sources.vault.manager.regoin: is not known here; did you mean region?",
            ),
            ("region = \"eu-central-1\", ", "", "sources.vault.manager.region: is missing"),
            ("\"eu-central-1\"", "\"eu central\"", plain),
            ("\"eu-central-1\"", "\"a..b\"", plain),
            ("\"eu-central-1\"", "\"a/b\"", plain),
            ("\"481273905516\"", "481273905516", "sources.vault.manager.account: has to be text in quotation marks"),
            ("\"481273905516\"", "\"48127390551\"", digits),
            ("\"481273905516\"", "\"48127390551x\"", digits),
            (AWS, "manager = \"Aws\"", "sources.vault.manager: has to be a table, { … }"),
            (AWS, "", "sources.vault.manager: is missing"),
            (AWS, KEY_VAULT, foreign),
            (AWS, "manager = { kind = \"Pushed\" }", foreign),
        ],
    );
    let alone = |manager: &str| format!("[sources.vault]\n{manager}\n[targets]\n");
    let missing = "sources.vault.events: is missing: what is pushed comes by StandardWebhooks";
    assert_eq!(refused(&alone("manager = { kind = \"Pushed\" }")), [missing]);
    assert_eq!(refused("sources = 7\n[targets]\n"), ["sources: has to be a table, { … }"]);
    let many: String = (0..51).map(|at| format!("[sources.s{at}]\n{KEY_VAULT}\n")).collect();
    assert_eq!(refused(&many), ["sources: there can be at most 50 secret managers"]);
}

#[test]
fn what_a_manager_needs_is_told() {
    let https = "has to begin with https://; http:// is for 127.0.0.1, localhost and [::1] only";
    let wrong_url = format!("sources.vault.manager.url: {https}");
    let at = |manager: &str| format!("[sources.vault]\n{manager}\n[targets]\n");
    let login = "https://vault.contoso.example\"";
    let logs_in = |with: &str| format!("{login}, login = {{ {with} }}");
    let cases = [
        (login, "http://vault.contoso.example\"".to_owned(), wrong_url.as_str()),
        (login, "vault\"".to_owned(), "sources.vault.manager.url: has to be a URL"),
        (login, format!("{login}, namespace = \" \""), "sources.vault.manager.namespace: is blank"),
        (login, format!("{login}, login = \"AppRole\""), "sources.vault.manager.login: has to be a table, { … }"),
        (login, logs_in(""), "sources.vault.manager.login.method: is missing"),
        (login, logs_in("method = \"Token\""), "sources.vault.manager.login.method: has to be one of AppRole, Jwt"),
        (
            login,
            logs_in("method = \"AppRole\", role = \"x\""),
            "sources.vault.manager.login.role: is not known here; known are method, mount",
        ),
        (login, logs_in("method = \"Jwt\", audience = \"x\""), "sources.vault.manager.login.role: is missing"),
        (login, logs_in("method = \"Jwt\", role = \"x\""), "sources.vault.manager.login.audience: is missing"),
        (login, logs_in("method = \"AppRole\", mount = \"\""), "sources.vault.manager.login.mount: is blank"),
    ];
    for (from, to, expected) in &cases {
        each_is_refused(&at(VAULT), &[(from, to, expected)]);
    }
    each_is_refused(&at(KEY_VAULT), &[(", vault = \"contoso-data\"", "", "sources.vault.manager.vault: is missing")]);
    let location = "sources.vault.manager.location: may have only letters, digits and '-', '_', '.', ':' in it";
    each_is_refused(
        &at(GOOGLE),
        &[
            ("\"contoso-4711\"", "\"contoso-4711\", location = \"a b\"", location),
            (", project = \"contoso-4711\"", "", "sources.vault.manager.project: is missing"),
        ],
    );
    each_is_refused(
        &at(DOPPLER),
        &[
            (", project = \"warehouse\"", "", "sources.vault.manager.project: is missing"),
            (", config = \"prd\"", "", "sources.vault.manager.config: is missing"),
        ],
    );
    let folder = "sources.vault.manager.folder: has to be / or like /team/service";
    each_is_refused(
        &at(INFISICAL),
        &[
            ("\"prod\"", "\"prod\", folder = \"team\"", folder),
            ("\"prod\"", "\"prod\", folder = \"/team/\"", folder),
            ("\"prod\"", "\"prod\", folder = \"/a//b\"", folder),
            ("\"prod\"", "\"prod\", url = \"ftp://x\"", &wrong_url),
            (", environment = \"prod\"", "", "sources.vault.manager.environment: is missing"),
        ],
    );
}

#[test]
fn what_events_need_is_told() {
    let at = |manager: &str, events: &str| format!("[sources.vault]\n{manager}\nevents = {{ {events} }}\n[targets]\n");
    let by_token =
        format!(r#"kind = "EventGrid", topic = "/subscriptions/b3", tenant = "{TENANT}", audience = "api://pbi""#);
    let tenant = format!(", tenant = \"{TENANT}\"");
    let guid = "sources.vault.events.tenant: a GUID looks like 1f69e798-5852-4fdd-ab01-33bb14b6e934";
    each_is_refused(
        &at(KEY_VAULT, &by_token),
        &[
            (", topic = \"/subscriptions/b3\"", "", "sources.vault.events.topic: is missing"),
            (&tenant, "", "sources.vault.events.tenant: is missing"),
            (&tenant, ", tenant = \"contoso\"", guid),
            (", audience = \"api://pbi\"", "", "sources.vault.events.audience: is missing"),
            ("api://pbi", " ", "sources.vault.events.audience: is blank"),
        ],
    );
    let arn = "sources.vault.events.topic: has to be the topic's ARN, arn:aws:sns:<region>:<account>:<name>";
    let topic = "arn:aws:sns:eu-central-1:481273905516:secrets";
    each_is_refused(
        &at(AWS, &format!("kind = \"Sns\", topic = \"{topic}\"")),
        &[
            (topic, "secrets", arn),
            (topic, "arn:aws:sqs:eu-central-1:481273905516:secrets", arn),
            (topic, "arn:aws:sns:eu-central-1:481273905516:secrets:9e83d775", arn),
            (topic, "urn:aws:sns:eu-central-1:481273905516:secrets", arn),
            ("\"Sns\",", "\"Sns\", sha1 = \"yes\",", "sources.vault.events.sha1: has to be true or false"),
        ],
    );
    each_is_refused(
        &at(GOOGLE, "kind = \"PubSub\", audience = \"https://pbi\", email = \"push@contoso.example\""),
        &[
            (", audience = \"https://pbi\"", "", "sources.vault.events.audience: is missing"),
            (", email = \"push@contoso.example\"", "", "sources.vault.events.email: is missing"),
        ],
    );
}
