//! The environment as configuration, or every problem with it at once.

mod cloud;
mod environment;
mod managers;
mod settings;
mod sources;
mod teams;

use std::fmt;
use std::time::Duration;

use seal::{Legacy, Secret};
use zeroize::Zeroizing;

use crate::domain::names::Guid;
use cloud::Cloud;
use environment::Environment;
pub use environment::base_url;
pub use managers::ManagersConfig;
pub use settings::{Absent, SETTINGS, Setting};
pub use sources::{PREFIX, SourceSecrets, variable};
pub use teams::TeamsConfig;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Everything the program has to be told. It can't be printed: it holds secrets.
pub struct Config {
    /// Slack's side; absent where the bot is in Teams alone.
    pub slack: Option<SlackConfig>,
    /// The identity the Microsoft services see.
    pub entra: EntraConfig,
    /// Power BI's REST API.
    pub powerbi: Endpoint,
    /// Fabric's REST API; absent in clouds that have none, unless the operator names one.
    pub fabric: Option<Endpoint>,
    /// Teams' side; absent where the bot is in Slack alone.
    pub teams: Option<TeamsConfig>,
    /// What goes for every secret manager that the catalog names.
    pub managers: ManagersConfig,
    /// What the operator shows to put the catalog; at least 32 characters.
    pub admin_token: Secret,
    /// The key of what is kept encrypted between two tries.
    pub store_key: Zeroizing<[u8; 32]>,
    /// Where people reach this Worker, without a slash at the end: the page on which credentials are entered.
    pub public_url: Option<String>,
    /// Whether credentials may be typed into a form in the chat.
    pub chat_entry: bool,
    /// What to do with 1024-bit gateways.
    pub legacy: Legacy,
    /// Calls that the platform's plan allows one invocation.
    pub calls_per_waking: usize,
    /// How often Power BI is called in a minute at most.
    pub powerbi_calls: usize,
    /// How often Fabric is called in a minute at most.
    pub fabric_calls: usize,
    /// How long the audit is kept; `None` is for ever.
    pub audit_retention: Option<Duration>,
    /// What secret managers and we know each other by.
    pub sources: Vec<SourceSecrets>,
}

/// The app in Slack.
pub struct SlackConfig {
    /// Checks that a request is from Slack.
    pub signing_secret: Secret,
    /// For calls of the Web API.
    pub bot_token: Secret,
    /// `A…`
    pub app_id: String,
    /// `T…`; this or `enterprise_id` is there.
    pub team_id: Option<String>,
    /// `E…`; this or `team_id` is there.
    pub enterprise_id: Option<String>,
    /// `/pbi`
    pub command: String,
    /// Base of the Web API, without a slash at the end.
    pub api_url: String,
    /// Where a `response_url` has to point, without a slash at the end.
    pub hooks_url: String,
}

/// The application in Entra.
pub struct EntraConfig {
    /// The tenant.
    pub tenant: Guid,
    /// The application's client id.
    pub client: Guid,
    /// Its secret.
    pub secret: Secret,
    /// Base of the login service, without a slash at the end.
    pub login_url: String,
}

/// A REST API and what its tokens are asked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The base, without a slash at the end.
    pub url: String,
    /// `<resource>/.default`
    pub scope: String,
}

/// One thing wrong with the configuration. It never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The variable.
    pub name: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.message)
    }
}

impl Config {
    /// Reads every setting through `get`, and those of secret managers, among `names`. A blank value is the same as none.
    ///
    /// # Errors
    /// Every problem, in the order of [`SETTINGS`].
    pub fn read(get: impl Fn(&str) -> Option<String>, names: &[String]) -> Result<Self, Vec<ConfigProblem>> {
        let mut env = Environment::new(&get);
        let slack = slack_if_wanted(&mut env);
        // An unknown cloud is a problem of its own; the rest is then checked as for the global one.
        let clouds = cloud::ALL.each_ref().map(|cloud| cloud.name);
        let cloud = env.word(&settings::CLOUD, &clouds).and_then(|at| cloud::ALL.get(at)).unwrap_or(&cloud::GLOBAL);
        let entra = entra(&mut env, cloud);
        let powerbi = powerbi(&mut env, cloud);
        let fabric = fabric(&mut env, cloud);
        let login_url = entra.as_ref().map(|entra| entra.login_url.as_str());
        let teams = teams::read(&mut env, cloud, login_url);
        let managers = managers::read(&mut env, cloud);
        let admin_token = env.secret(&settings::ADMIN_TOKEN, 32);
        let store_key = env.key(&settings::STORE_KEY);
        let public_url = env.url(&settings::PUBLIC_URL, None);
        let chat_entry = env.word(&settings::CHAT_ENTRY, &["off", "allowed"]).map(|at| at == 1);
        let legacy = env.word(&settings::LEGACY_GATEWAYS, &["refuse", "allow"]);
        let legacy = legacy.map(|at| if at == 1 { Legacy::Allow } else { Legacy::Refuse });
        // Fewer than a batch of places and its telling take, and nothing would ever be done.
        let calls_per_waking = env.number(&settings::CALLS_PER_WAKING, 40, 10_000);
        let powerbi_calls = env.number(&settings::POWERBI_CALLS_PER_MINUTE, 10, 10_000);
        let fabric_calls = env.number(&settings::FABRIC_CALLS_PER_MINUTE, 10, 10_000);
        let audit_days = env.number(&settings::AUDIT_RETENTION_DAYS, 0, 36_500);
        let audit_retention = audit_days.map(|days| (days > 0).then(|| DAY * days as u32));

        let sources = env.sources(names);

        let whole = (|| {
            Some(Self {
                slack: slack?,
                entra: entra?,
                powerbi: powerbi?,
                fabric: fabric?,
                teams: teams?,
                managers: managers?,
                admin_token: admin_token?,
                store_key: store_key?,
                public_url,
                chat_entry: chat_entry?,
                legacy: legacy?,
                calls_per_waking: calls_per_waking?,
                powerbi_calls: powerbi_calls?,
                fabric_calls: fabric_calls?,
                audit_retention: audit_retention?,
                sources,
            })
        })();
        match whole {
            Some(config) if env.problems.is_empty() => Ok(config),
            _ => Err(env.problems),
        }
    }
}

/// `Some(None)`: there is no Slack here, only Teams, and that is no problem.
fn slack_if_wanted(env: &mut Environment<'_>) -> Option<Option<SlackConfig>> {
    let needed = [&settings::SLACK_SIGNING_SECRET, &settings::SLACK_BOT_TOKEN, &settings::SLACK_APP_ID];
    let given = needed.into_iter().any(|setting| env.given(setting).is_some());
    if !given && env.given(&settings::TEAMS_APP_ID).is_some() {
        return Some(None);
    }
    slack(env).map(Some)
}

fn slack(env: &mut Environment<'_>) -> Option<SlackConfig> {
    let signing_secret = env.secret(&settings::SLACK_SIGNING_SECRET, 1);
    let bot_token = env.secret(&settings::SLACK_BOT_TOKEN, 1);
    let app_id = env.slack_id(&settings::SLACK_APP_ID, 'A');
    let nowhere = env.given(&settings::SLACK_TEAM_ID).is_none() && env.given(&settings::SLACK_ENTERPRISE_ID).is_none();
    if nowhere {
        env.problem(&settings::SLACK_TEAM_ID, &"is missing, and so is SLACK_ENTERPRISE_ID: one of them is needed");
    }
    let team_id = env.slack_id(&settings::SLACK_TEAM_ID, 'T');
    let enterprise_id = env.slack_id(&settings::SLACK_ENTERPRISE_ID, 'E');
    let command = env.command(&settings::SLACK_COMMAND);
    let api_url = env.url(&settings::SLACK_API_URL, None);
    let hooks_url = env.url(&settings::SLACK_HOOKS_URL, None);
    Some(SlackConfig {
        signing_secret: signing_secret?,
        bot_token: bot_token?,
        app_id: app_id?,
        team_id,
        enterprise_id,
        command: command?,
        api_url: api_url?,
        hooks_url: hooks_url?,
    })
}

fn entra(env: &mut Environment<'_>, cloud: &Cloud) -> Option<EntraConfig> {
    let tenant = env.guid(&settings::ENTRA_TENANT_ID);
    let client = env.guid(&settings::ENTRA_CLIENT_ID);
    let secret = env.secret(&settings::ENTRA_CLIENT_SECRET, 1);
    let login_url = env.url(&settings::ENTRA_LOGIN_URL, Some(cloud.login));
    Some(EntraConfig { tenant: tenant?, client: client?, secret: secret?, login_url: login_url? })
}

fn powerbi(env: &mut Environment<'_>, cloud: &Cloud) -> Option<Endpoint> {
    let url = env.url(&settings::POWERBI_URL, Some(cloud.powerbi));
    let scope = env.scope(&settings::POWERBI_SCOPE, Some(cloud.powerbi_scope));
    Some(Endpoint { url: url?, scope: scope? })
}

/// `Some(None)`: there is no Fabric here, and that is no problem.
fn fabric(env: &mut Environment<'_>, cloud: &Cloud) -> Option<Option<Endpoint>> {
    let given = [&settings::FABRIC_URL, &settings::FABRIC_SCOPE].map(|setting| env.given(setting).is_some());
    if cloud.fabric.is_none() && given == [false, false] {
        return Some(None);
    }
    let url = env.url(&settings::FABRIC_URL, cloud.fabric.map(|(url, _)| url));
    let scope = env.scope(&settings::FABRIC_SCOPE, cloud.fabric.map(|(_, scope)| scope));
    match (cloud.fabric, given) {
        (None, [true, false]) => {
            env.problem(&settings::FABRIC_SCOPE, &"is needed with FABRIC_URL: none is known for CLOUD")
        }
        (None, [false, true]) => env.problem(&settings::FABRIC_SCOPE, &"is of no use without FABRIC_URL"),
        _ => {}
    }
    Some(Some(Endpoint { url: url?, scope: scope? }))
}
