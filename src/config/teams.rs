//! The settings of the bot in Teams: all of them, or no Teams.

use super::cloud::Cloud;
use super::environment::Environment;
use super::settings::{
    GRAPH_SCOPE, GRAPH_URL, TEAMS_APP_ID, TEAMS_APP_SECRET, TEAMS_CONNECTOR_HOSTS, TEAMS_LOGIN_URL, TEAMS_SCOPE,
    TEAMS_SERVICE_URL, TEAMS_TENANT_ID,
};
use super::{Endpoint, EntraConfig};

/// The bot in Teams.
pub struct TeamsConfig {
    /// What the bot calls as, in the one tenant it serves.
    pub bot: EntraConfig,
    /// Who has to have issued the tokens of incoming requests.
    pub issuer: &'static str,
    /// Where the keys for those tokens are published, without a slash at the end.
    pub login_url: String,
    /// The scope of the connector's tokens, `…/.default`.
    pub scope: String,
    /// The hosts, some with a port, that the connector's tokens may be sent to.
    pub connector_hosts: Vec<String>,
    /// Where the bot opens conversations that nobody began, without a slash at the end.
    pub service_url: String,
    /// Microsoft Graph.
    pub graph: Endpoint,
}

/// `Some(None)`: there is no Teams here, and that is no problem. `entra` is the login service of both applications; what
/// is wrong with its setting was told already.
pub(super) fn read(env: &mut Environment<'_>, cloud: &Cloud, entra: Option<&str>) -> Option<Option<TeamsConfig>> {
    let needed = [&TEAMS_APP_ID, &TEAMS_APP_SECRET, &TEAMS_TENANT_ID];
    let given = needed.map(|setting| env.given(setting).is_some());
    let wanted = given.contains(&true);
    for (setting, given) in needed.into_iter().zip(given) {
        if wanted && !given {
            env.problem(setting, &"is missing: TEAMS_APP_ID, TEAMS_APP_SECRET and TEAMS_TENANT_ID are needed together");
        }
    }
    let client = env.guid(&TEAMS_APP_ID);
    let secret = env.secret(&TEAMS_APP_SECRET, 1);
    let tenant = env.guid(&TEAMS_TENANT_ID);
    let login_url = env.url(&TEAMS_LOGIN_URL, Some(cloud.bot_login));
    let scope = env.scope(&TEAMS_SCOPE, Some(&default_scope(cloud.bot_framework)));
    let connector_hosts = env.hosts(&TEAMS_CONNECTOR_HOSTS, cloud.connectors);
    if wanted && connector_hosts.as_ref().is_some_and(Vec::is_empty) {
        env.problem(&TEAMS_CONNECTOR_HOSTS, &"is needed: none is known for CLOUD");
    }
    let service_url = env.url(&TEAMS_SERVICE_URL, cloud.service);
    if wanted && cloud.service.is_none() && env.given(&TEAMS_SERVICE_URL).is_none() {
        env.problem(&TEAMS_SERVICE_URL, &"is needed: none is known for CLOUD");
    }
    let graph_url = env.url(&GRAPH_URL, Some(&format!("{}/v1.0", cloud.graph)));
    let graph_scope = env.scope(&GRAPH_SCOPE, Some(&default_scope(cloud.graph)));
    if !wanted {
        return Some(None);
    }
    Some(Some(TeamsConfig {
        bot: EntraConfig { tenant: tenant?, client: client?, secret: secret?, login_url: entra?.to_owned() },
        issuer: cloud.bot_framework,
        login_url: login_url?,
        scope: scope?,
        connector_hosts: connector_hosts?,
        service_url: service_url?,
        graph: Endpoint { url: graph_url?, scope: graph_scope? },
    }))
}

fn default_scope(resource: &str) -> String {
    format!("{resource}/.default")
}
