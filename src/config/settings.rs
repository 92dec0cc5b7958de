//! Every setting: its name, whether it is a secret, what its absence means, and what it is for.

/// One variable of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// Whether it belongs into a secret binding and never into a file.
    pub secret: bool,
    /// What it means that the variable is not there, or blank.
    pub absent: Absent,
    /// What it is for, in a few words.
    pub meaning: &'static str,
}

/// What the absence of a setting means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The configuration is refused.
    Refused,
    /// The same as this value.
    Means(&'static str),
    /// The value that goes with `CLOUD`.
    FromCloud,
    /// There is none.
    Nothing,
}

const fn secret(name: &'static str, meaning: &'static str) -> Setting {
    Setting { name, secret: true, absent: Absent::Refused, meaning }
}

const fn open(name: &'static str, absent: Absent, meaning: &'static str) -> Setting {
    Setting { name, secret: false, absent, meaning }
}

pub(super) const SLACK_SIGNING_SECRET: Setting = secret("SLACK_SIGNING_SECRET", "checks that a request is from Slack");
pub(super) const SLACK_BOT_TOKEN: Setting = secret("SLACK_BOT_TOKEN", "the app's token for Slack's Web API");
pub(super) const SLACK_APP_ID: Setting = open("SLACK_APP_ID", Absent::Refused, "the app, A…");
pub(super) const SLACK_TEAM_ID: Setting =
    open("SLACK_TEAM_ID", Absent::Nothing, "the workspace, T…; with SLACK_ENTERPRISE_ID only that of its user groups");
pub(super) const SLACK_ENTERPRISE_ID: Setting = open(
    "SLACK_ENTERPRISE_ID",
    Absent::Nothing,
    "the Enterprise organisation, E…; without it SLACK_TEAM_ID has to be there",
);
pub(super) const SLACK_COMMAND: Setting =
    open("SLACK_COMMAND", Absent::Means("/pbi"), "the slash command of the app's manifest");
pub(super) const SLACK_API_URL: Setting =
    open("SLACK_API_URL", Absent::Means("https://slack.com/api"), "Slack's Web API");
pub(super) const SLACK_HOOKS_URL: Setting =
    open("SLACK_HOOKS_URL", Absent::Means("https://hooks.slack.com"), "where a response_url has to point");
pub(super) const ENTRA_TENANT_ID: Setting = open("ENTRA_TENANT_ID", Absent::Refused, "the tenant, a GUID");
pub(super) const ENTRA_CLIENT_ID: Setting =
    open("ENTRA_CLIENT_ID", Absent::Refused, "the application that updates credentials, a GUID");
pub(super) const ENTRA_CLIENT_SECRET: Setting = secret("ENTRA_CLIENT_SECRET", "the secret of that application");
pub(super) const CLOUD: Setting =
    open("CLOUD", Absent::Means("global"), "Microsoft's cloud: global, gcc, gcc-high, dod or china");
pub(super) const ENTRA_LOGIN_URL: Setting = open("ENTRA_LOGIN_URL", Absent::FromCloud, "where tokens are issued");
pub(super) const POWERBI_URL: Setting = open("POWERBI_URL", Absent::FromCloud, "Power BI's REST API, with /v1.0/myorg");
pub(super) const POWERBI_SCOPE: Setting =
    open("POWERBI_SCOPE", Absent::FromCloud, "the scope of Power BI tokens, …/.default");
pub(super) const FABRIC_URL: Setting = open("FABRIC_URL", Absent::FromCloud, "Fabric's REST API, with /v1");
pub(super) const FABRIC_SCOPE: Setting =
    open("FABRIC_SCOPE", Absent::FromCloud, "the scope of Fabric tokens, …/.default");
pub(super) const TEAMS_APP_ID: Setting =
    open("TEAMS_APP_ID", Absent::Nothing, "the bot's application in Entra, a GUID; without it there is no Teams");
pub(super) const TEAMS_APP_SECRET: Setting = Setting {
    name: "TEAMS_APP_SECRET",
    secret: true,
    absent: Absent::Nothing,
    meaning: "the secret of that application; with TEAMS_APP_ID",
};
pub(super) const TEAMS_TENANT_ID: Setting =
    open("TEAMS_TENANT_ID", Absent::Nothing, "the one tenant whose people the bot serves, a GUID; with TEAMS_APP_ID");
pub(super) const TEAMS_LOGIN_URL: Setting =
    open("TEAMS_LOGIN_URL", Absent::FromCloud, "where the keys are published that Teams' requests are signed with");
pub(super) const TEAMS_SCOPE: Setting =
    open("TEAMS_SCOPE", Absent::FromCloud, "the scope of tokens for Teams' connector, …/.default");
pub(super) const TEAMS_CONNECTOR_HOSTS: Setting = open(
    "TEAMS_CONNECTOR_HOSTS",
    Absent::FromCloud,
    "the only hosts that such a token is sent to, with commas between them",
);
pub(super) const TEAMS_SERVICE_URL: Setting =
    open("TEAMS_SERVICE_URL", Absent::FromCloud, "where the bot opens conversations, on one of those hosts");
pub(super) const GRAPH_URL: Setting = open("GRAPH_URL", Absent::FromCloud, "Microsoft Graph, with /v1.0");
pub(super) const GRAPH_SCOPE: Setting = open("GRAPH_SCOPE", Absent::FromCloud, "the scope of Graph tokens, …/.default");
pub(super) const KEY_VAULT_URL: Setting =
    open("KEY_VAULT_URL", Absent::FromCloud, "where a vault of Azure Key Vault answers, with {vault} in it");
pub(super) const KEY_VAULT_SCOPE: Setting =
    open("KEY_VAULT_SCOPE", Absent::FromCloud, "the scope of tokens for Azure Key Vault, …/.default");
pub(super) const AWS_SECRETS_URL: Setting = open(
    "AWS_SECRETS_URL",
    Absent::Means("https://secretsmanager.{region}.amazonaws.com"),
    "AWS Secrets Manager, with {region} in it",
);
pub(super) const GOOGLE_SECRETS_URL: Setting =
    open("GOOGLE_SECRETS_URL", Absent::Means("https://secretmanager.googleapis.com"), "Google Secret Manager");
pub(super) const DOPPLER_URL: Setting = open("DOPPLER_URL", Absent::Means("https://api.doppler.com"), "Doppler's API");
pub(super) const INFISICAL_URL: Setting =
    open("INFISICAL_URL", Absent::Means("https://app.infisical.com"), "Infisical, unless the catalog names another");
pub(super) const SNS_URL: Setting = open(
    "SNS_URL",
    Absent::Means("https://sns.{region}.amazonaws.com"),
    "Amazon SNS: its certificates, and where subscriptions are confirmed",
);
pub(super) const GOOGLE_CERTS_URL: Setting = open(
    "GOOGLE_CERTS_URL",
    Absent::Means("https://www.googleapis.com/oauth2/v3/certs"),
    "where the keys are published that Google's tokens are signed with",
);
pub(super) const GOOGLE_TOKEN_URL: Setting = open(
    "GOOGLE_TOKEN_URL",
    Absent::Means("https://oauth2.googleapis.com/token"),
    "where Google issues tokens for a service account",
);
pub(super) const EVENT_GRID_APP_ID: Setting =
    open("EVENT_GRID_APP_ID", Absent::FromCloud, "Event Grid's own application in Entra, a GUID");
pub(super) const ENTRA_ISSUER_V1: Setting =
    open("ENTRA_ISSUER_V1", Absent::FromCloud, "the issuer of Entra's tokens of version 1, without the tenant");
pub(super) const ADMIN_TOKEN: Setting =
    secret("ADMIN_TOKEN", "lets the operator put the catalog; 32 characters or more");
pub(super) const STORE_KEY: Setting =
    secret("STORE_KEY", "encrypts what was entered until it is sealed or delivered; base64 of 32 random bytes");
pub(super) const PUBLIC_URL: Setting = open(
    "PUBLIC_URL",
    Absent::Nothing,
    "where people reach this Worker, https://…: the page on which credentials are entered; this or CHAT_ENTRY",
);
pub(super) const CHAT_ENTRY: Setting =
    open("CHAT_ENTRY", Absent::Means("off"), "allowed: credentials may be typed into a form in the chat");
pub(super) const LEGACY_GATEWAYS: Setting =
    open("LEGACY_GATEWAYS", Absent::Means("refuse"), "allow: gateways with 1024-bit keys too");
pub(super) const CALLS_PER_WAKING: Setting = open(
    "CALLS_PER_WAKING",
    Absent::Means("50"),
    "calls that the Workers plan allows one invocation: 50 on the free one, up to 1000 on a paid one",
);
pub(super) const POWERBI_CALLS_PER_MINUTE: Setting = open(
    "POWERBI_CALLS_PER_MINUTE",
    Absent::Means("120"),
    "how often Power BI is called at most; it publishes no number",
);
pub(super) const FABRIC_CALLS_PER_MINUTE: Setting = open(
    "FABRIC_CALLS_PER_MINUTE",
    Absent::Means("200"),
    "how often Fabric is called at most; its quota for one identity is 200",
);
pub(super) const AUDIT_RETENTION_DAYS: Setting =
    open("AUDIT_RETENTION_DAYS", Absent::Means("400"), "how many days the audit is kept; 0 is for ever");

/// Every setting there is; the program reads no other variable.
pub const SETTINGS: &[Setting] = &[
    SLACK_SIGNING_SECRET,
    SLACK_BOT_TOKEN,
    SLACK_APP_ID,
    SLACK_TEAM_ID,
    SLACK_ENTERPRISE_ID,
    SLACK_COMMAND,
    SLACK_API_URL,
    SLACK_HOOKS_URL,
    ENTRA_TENANT_ID,
    ENTRA_CLIENT_ID,
    ENTRA_CLIENT_SECRET,
    CLOUD,
    ENTRA_LOGIN_URL,
    POWERBI_URL,
    POWERBI_SCOPE,
    FABRIC_URL,
    FABRIC_SCOPE,
    TEAMS_APP_ID,
    TEAMS_APP_SECRET,
    TEAMS_TENANT_ID,
    TEAMS_LOGIN_URL,
    TEAMS_SCOPE,
    TEAMS_CONNECTOR_HOSTS,
    TEAMS_SERVICE_URL,
    GRAPH_URL,
    GRAPH_SCOPE,
    KEY_VAULT_URL,
    KEY_VAULT_SCOPE,
    AWS_SECRETS_URL,
    GOOGLE_SECRETS_URL,
    DOPPLER_URL,
    INFISICAL_URL,
    SNS_URL,
    GOOGLE_CERTS_URL,
    GOOGLE_TOKEN_URL,
    EVENT_GRID_APP_ID,
    ENTRA_ISSUER_V1,
    ADMIN_TOKEN,
    STORE_KEY,
    PUBLIC_URL,
    CHAT_ENTRY,
    LEGACY_GATEWAYS,
    CALLS_PER_WAKING,
    POWERBI_CALLS_PER_MINUTE,
    FABRIC_CALLS_PER_MINUTE,
    AUDIT_RETENTION_DAYS,
];
