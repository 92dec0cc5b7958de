//! Microsoft's clouds: where each issues tokens and answers calls.

/// What goes with one value of `CLOUD`.
///
/// As Microsoft publishes them for each cloud; for Fabric it publishes the global host alone.
pub(super) struct Cloud {
    pub(super) name: &'static str,
    pub(super) login: &'static str,
    pub(super) powerbi: &'static str,
    pub(super) powerbi_scope: &'static str,
    /// URL and scope; absent where Microsoft publishes none.
    pub(super) fabric: Option<(&'static str, &'static str)>,
    /// Where the keys of Teams' service are published.
    pub(super) bot_login: &'static str,
    /// Teams' service, as its tokens name it and tokens for it do.
    pub(super) bot_framework: &'static str,
    /// The hosts at which Teams' service is called; none where Microsoft publishes none.
    pub(super) connectors: &'static [&'static str],
    /// Where the bot opens conversations that nobody began; where Microsoft publishes none, it is the operator's to name.
    pub(super) service: Option<&'static str>,
    pub(super) graph: &'static str,
    /// Event Grid's own application (Event Grid, Secure WebHook delivery with Microsoft Entra ID); absent where Microsoft
    /// publishes none.
    pub(super) event_grid_app: Option<&'static str>,
    /// Before the tenant in the issuer of Entra's tokens of version 1; those of version 2 name the login service.
    pub(super) issuer_v1: &'static str,
    /// Where a vault of Azure Key Vault answers, with `{vault}` in it, and the scope of tokens for it.
    pub(super) key_vault: (&'static str, &'static str),
}

const EVENT_GRID_PUBLIC: &str = "4962773b-9cdb-44cf-a8bf-237846a00ab7";
const EVENT_GRID_GOVERNMENT: &str = "54316b56-3481-47f9-8f30-0300f5542a7b";

/// The cloud most tenants are in.
pub(super) const GLOBAL: Cloud = Cloud {
    name: "global",
    login: "https://login.microsoftonline.com",
    powerbi: "https://api.powerbi.com/v1.0/myorg",
    powerbi_scope: "https://analysis.windows.net/powerbi/api/.default",
    fabric: Some(("https://api.fabric.microsoft.com/v1", "https://api.fabric.microsoft.com/.default")),
    bot_login: "https://login.botframework.com",
    bot_framework: "https://api.botframework.com",
    connectors: &["smba.trafficmanager.net"],
    service: Some("https://smba.trafficmanager.net/teams"),
    graph: "https://graph.microsoft.com",
    event_grid_app: Some(EVENT_GRID_PUBLIC),
    issuer_v1: "https://sts.windows.net",
    key_vault: ("https://{vault}.vault.azure.net", "https://vault.azure.net/.default"),
};

/// Every cloud. GCC is a government cloud that keeps the commercial login host.
pub(super) const ALL: [Cloud; 5] = [
    GLOBAL,
    Cloud {
        name: "gcc",
        login: "https://login.microsoftonline.com",
        powerbi: "https://api.powerbigov.us/v1.0/myorg",
        powerbi_scope: "https://analysis.usgovcloudapi.net/powerbi/api/.default",
        fabric: None,
        bot_login: "https://login.botframework.com",
        bot_framework: "https://api.botframework.com",
        connectors: &["smba.infra.gcc.teams.microsoft.com", "smba.trafficmanager.net"],
        service: Some("https://smba.infra.gcc.teams.microsoft.com/teams"),
        graph: "https://graph.microsoft.com",
        event_grid_app: Some(EVENT_GRID_PUBLIC),
        issuer_v1: "https://sts.windows.net",
        key_vault: ("https://{vault}.vault.azure.net", "https://vault.azure.net/.default"),
    },
    Cloud {
        name: "gcc-high",
        login: "https://login.microsoftonline.us",
        powerbi: "https://api.high.powerbigov.us/v1.0/myorg",
        powerbi_scope: "https://high.analysis.usgovcloudapi.net/powerbi/api/.default",
        fabric: None,
        bot_login: "https://login.botframework.azure.us",
        bot_framework: "https://api.botframework.us",
        connectors: &["smba.infra.gov.teams.microsoft.us"],
        service: Some("https://smba.infra.gov.teams.microsoft.us/teams"),
        graph: "https://graph.microsoft.us",
        event_grid_app: Some(EVENT_GRID_GOVERNMENT),
        issuer_v1: "https://sts.windows.net",
        key_vault: ("https://{vault}.vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net/.default"),
    },
    Cloud {
        name: "dod",
        login: "https://login.microsoftonline.us",
        powerbi: "https://api.mil.powerbigov.us/v1.0/myorg",
        powerbi_scope: "https://mil.analysis.usgovcloudapi.net/powerbi/api/.default",
        fabric: None,
        bot_login: "https://login.botframework.azure.us",
        bot_framework: "https://api.botframework.us",
        connectors: &["smba.infra.dod.teams.microsoft.us"],
        service: Some("https://smba.infra.dod.teams.microsoft.us/teams"),
        graph: "https://dod-graph.microsoft.us",
        event_grid_app: Some(EVENT_GRID_GOVERNMENT),
        issuer_v1: "https://sts.windows.net",
        key_vault: ("https://{vault}.vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net/.default"),
    },
    Cloud {
        name: "china",
        login: "https://login.partner.microsoftonline.cn",
        powerbi: "https://api.powerbi.cn/v1.0/myorg",
        powerbi_scope: "https://analysis.chinacloudapi.cn/powerbi/api/.default",
        fabric: None,
        bot_login: "https://login.botframework.azure.cn",
        bot_framework: "https://api.botframework.azure.cn",
        connectors: &[],
        service: None,
        graph: "https://microsoftgraph.chinacloudapi.cn",
        event_grid_app: None,
        issuer_v1: "https://sts.chinacloudapi.cn",
        key_vault: ("https://{vault}.vault.azure.cn", "https://vault.azure.cn/.default"),
    },
];
