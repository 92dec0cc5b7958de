//! The Worker's configuration for the pretend world, as its operator would have set it.

use emulator::scene;

/// What a person must show to put the catalog in the pretend world. Not a secret: nothing real accepts it.
pub(crate) const ADMIN_TOKEN: &str = "contoso-admin-token-for-the-pretend-world";

/// Base64 of 32 bytes. It encrypts nothing that outlives the pretend world.
const STORE_KEY: &str = "cHJldGVuZC13b3JsZC1zdG9yZS1rZXktMzItYnl0ZXM=";

/// Every variable of the Worker, with every base URL below `world`, the emulator's address.
pub(crate) fn vars(world: &str) -> Vec<(String, String)> {
    [
        ("SLACK_SIGNING_SECRET", scene::SIGNING_SECRET.to_owned()),
        ("SLACK_BOT_TOKEN", scene::BOT_TOKEN.to_owned()),
        ("SLACK_APP_ID", scene::APP.to_owned()),
        ("SLACK_TEAM_ID", scene::TEAM.to_owned()),
        ("SLACK_API_URL", format!("{world}/slack/api")),
        ("SLACK_HOOKS_URL", format!("{world}/slack/hooks")),
        ("ENTRA_TENANT_ID", scene::TENANT_ID.to_owned()),
        ("ENTRA_CLIENT_ID", scene::CLIENT_ID.to_owned()),
        ("ENTRA_CLIENT_SECRET", scene::CLIENT_SECRET.to_owned()),
        ("ENTRA_LOGIN_URL", format!("{world}/login")),
        ("POWERBI_URL", format!("{world}/powerbi/v1.0/myorg")),
        ("FABRIC_URL", format!("{world}/fabric/v1")),
        ("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STORE_KEY", STORE_KEY.to_owned()),
        // So that a whole rotation can be typed in a terminal.
        ("CHAT_ENTRY", "allowed".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The same for an installation that is in Teams as well.
pub(crate) fn in_both(world: &str) -> Vec<(String, String)> {
    let host = world.trim_start_matches("http://");
    let teams = [
        ("TEAMS_APP_ID", scene::TEAMS_APP_ID.to_owned()),
        ("TEAMS_APP_SECRET", scene::TEAMS_APP_SECRET.to_owned()),
        ("TEAMS_TENANT_ID", scene::TENANT_ID.to_owned()),
        ("TEAMS_LOGIN_URL", format!("{world}/teams")),
        ("TEAMS_CONNECTOR_HOSTS", host.to_owned()),
        ("TEAMS_SERVICE_URL", format!("{world}/teams/emea/{}", scene::TENANT_ID)),
        ("GRAPH_URL", format!("{world}/graph/v1.0")),
    ];
    vars(world).into_iter().chain(teams.map(|(name, value)| (name.to_owned(), value))).collect()
}
