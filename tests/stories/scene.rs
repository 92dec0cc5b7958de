//! What every story starts from: the settings of the bot and a catalog for the pretend company.

use emulator::scene;

/// What the operator shows to put the catalog.
pub const ADMIN_TOKEN: &str = "admin-token-of-the-pretend-company-0123456789";
/// 32 bytes in base64.
pub const STORE_KEY: &str = "c3RvcmUta2V5LW9mLXRoZS1wcmV0ZW5kLWNvbXBhbnk=";

/// What the bot itself has to keep to itself.
pub const SECRETS: [&str; 6] =
    [scene::CLIENT_SECRET, scene::SIGNING_SECRET, scene::BOT_TOKEN, scene::TEAMS_APP_SECRET, ADMIN_TOKEN, STORE_KEY];

/// Every setting the bot needs to live in the pretend world behind `base`.
pub fn settings(base: &str) -> Vec<(String, String)> {
    let base = base.trim_end_matches('/');
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        setting("SLACK_SIGNING_SECRET", scene::SIGNING_SECRET),
        setting("SLACK_BOT_TOKEN", scene::BOT_TOKEN),
        setting("SLACK_APP_ID", scene::APP),
        setting("SLACK_TEAM_ID", scene::TEAM),
        setting("SLACK_API_URL", &format!("{base}/slack/api")),
        setting("SLACK_HOOKS_URL", &format!("{base}/slack/hooks")),
        setting("ENTRA_TENANT_ID", scene::TENANT_ID),
        setting("ENTRA_CLIENT_ID", scene::CLIENT_ID),
        setting("ENTRA_CLIENT_SECRET", scene::CLIENT_SECRET),
        setting("ENTRA_LOGIN_URL", &format!("{base}/login")),
        setting("POWERBI_URL", &format!("{base}/powerbi/v1.0/myorg")),
        setting("FABRIC_URL", &format!("{base}/fabric/v1")),
        setting("ADMIN_TOKEN", ADMIN_TOKEN),
        setting("STORE_KEY", STORE_KEY),
        setting("CHAT_ENTRY", "allowed"),
    ]
}

/// What a bot in this process needs to live in Teams as well.
pub const TEAMS_AS_WELL: &[(&str, &str)] = &[
    ("TEAMS_APP_ID", scene::TEAMS_APP_ID),
    ("TEAMS_APP_SECRET", scene::TEAMS_APP_SECRET),
    ("TEAMS_TENANT_ID", scene::TENANT_ID),
    ("TEAMS_CONNECTOR_HOSTS", "127.0.0.1:9"),
    ("TEAMS_SERVICE_URL", "http://127.0.0.1:9/teams/emea/4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10"),
    ("GRAPH_URL", "http://127.0.0.1:9/graph/v1.0"),
];

/// The same where minutes cannot be made to go by: without waiting for room in the services' quotas.
pub fn unhurried(base: &str) -> Vec<(String, String)> {
    let mut settings = settings(base);
    for quota in ["POWERBI_CALLS_PER_MINUTE", "FABRIC_CALLS_PER_MINUTE"] {
        settings.push((quota.to_owned(), "10000".to_owned()));
    }
    settings
}

/// The settings of a bot here or in workerd, with these changed; see [`placed`].
pub fn changed(here: bool, changes: &[(&str, &str)], base: &str) -> Vec<(String, String)> {
    let mut changed = if here { settings(base) } else { unhurried(base) };
    changed.extend(placed(changes, base));
    changed
}

/// What is to be set besides to live in Teams as well; see [`placed`].
pub const TEAMS: [(&str, &str); 9] = [
    ("TEAMS_APP_ID", scene::TEAMS_APP_ID),
    ("TEAMS_APP_SECRET", scene::TEAMS_APP_SECRET),
    ("TEAMS_TENANT_ID", scene::TENANT_ID),
    ("TEAMS_LOGIN_URL", "{base}/teams"),
    ("TEAMS_CONNECTOR_HOSTS", "{host}"),
    ("TEAMS_SERVICE_URL", "{base}/teams/emea/4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10"),
    ("GRAPH_URL", "{base}/graph/v1.0"),
    ("CHAT_ENTRY", "off"),
    ("PUBLIC_URL", "https://rotate.contoso.example"),
];

/// Settings with the address of the pretend world in place of `{base}` and `{host}`.
pub fn placed(settings: &[(&str, &str)], base: &str) -> Vec<(String, String)> {
    let base = base.trim_end_matches('/');
    let host = base.trim_start_matches("http://");
    let placed = |value: &str| value.replace("{base}", base).replace("{host}", host);
    settings.iter().map(|(name, value)| ((*name).to_owned(), placed(value))).collect()
}

/// The same catalog for people, groups and rooms of Teams.
pub fn in_teams(catalog: &str) -> String {
    let names = [
        (format!("slack:{}", scene::GROUP_DATA), format!("entra-group:{}", scene::GROUP_DATA_OBJECT)),
        (format!("slack:{}", scene::GROUP_LEADS), format!("entra-group:{}", scene::GROUP_LEADS_OBJECT)),
        (format!("slack:{}", scene::CHANNEL_DATA_OPS), format!("teams:{}", scene::THREAD_DATA_OPS)),
    ];
    names.iter().fold(catalog.to_owned(), |catalog, (slack, teams)| catalog.replace(slack, teams))
}

/// One data source behind a gateway and one connection behind a cluster of three.
pub fn sales_db() -> String {
    target("sales-db", "Sales warehouse", WINDOWS, &[&on_premises(scene::GATEWAY_SALES, scene::SALES_SQL), &cluster()])
}

/// The login of `sales-db`.
pub const WINDOWS: &str = r#"{ kind = "Windows", username = 'CONTOSO\svc_sales' }"#;
/// A login of a database.
pub const BASIC: &str = r#"{ kind = "Basic", username = "feed" }"#;

/// A target that members of the data group may rotate, with its card in #data-ops.
pub fn target(name: &str, title: &str, credential: &str, destinations: &[&str]) -> String {
    let destinations = destinations.join(", ");
    format!(
        r#"
[targets.{name}]
title = "{title}"
credential = {credential}
privacy = "Organizational"
encryption = "NotEncrypted"
destinations = [{destinations}]
policy = {{ askers = ["slack:{}"] }}
notify = ["slack:{}"]
"#,
        scene::GROUP_DATA,
        scene::CHANNEL_DATA_OPS,
    )
}

/// `sales-db` in one place, whose policy says this as well.
pub fn ruled(rules: &str) -> String {
    let catalog =
        target("sales-db", "Sales warehouse", WINDOWS, &[&on_premises(scene::GATEWAY_SALES, scene::SALES_SQL)]);
    if rules.is_empty() { catalog } else { with_rules(&catalog, rules) }
}

/// The same targets, whose policies say this as well.
pub fn with_rules(catalog: &str, rules: &str) -> String {
    let askers = format!("askers = [\"slack:{}\"]", scene::GROUP_DATA);
    catalog.replace(&askers, &format!("{askers}, {rules}"))
}

/// One of the leads has to approve.
pub const ONE_LEAD: &str = r#"approvers = ["slack:S0LEADS"], approvals = 1"#;

/// A Power BI data source behind a gateway.
pub fn on_premises(gateway: &str, id: &str) -> String {
    format!(r#"{{ datasource = {{ gateway = "{gateway}", id = "{id}" }} }}"#)
}

/// A Power BI data source in the cloud.
pub fn in_the_cloud(gateway: &str, id: &str) -> String {
    format!(r#"{{ datasource = {{ gateway = "{gateway}", id = "{id}", reach = "Cloud" }} }}"#)
}

/// A Fabric connection.
pub fn connection(id: &str, via: &str) -> String {
    format!(r#"{{ connection = {{ id = "{id}", via = "{via}" }} }}"#)
}

/// A connection that Fabric feeds from Azure Key Vault, as the operator says.
pub fn referenced(id: &str) -> String {
    format!(r#"{{ connection = {{ id = "{id}", via = "ShareableCloud", key_vault = true }} }}"#)
}

/// The connection behind the cluster of three.
pub fn cluster() -> String {
    connection(scene::CONNECTION_CLUSTER, "OnPremisesGateway")
}
