//! What Slack delivers by itself: proven, for this installation, answered at once, and harmless when it comes again.

use emulator::scene;
use emulator::slack::Forge;
use http::StatusCode;
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::scene::sales_db;

crate::stories![
    slack_is_given_its_challenge_back,
    an_event_that_slack_did_not_sign_does_nothing,
    an_event_of_another_app_or_workspace_is_turned_away,
    an_event_that_comes_again_does_no_harm,
    what_is_not_used_is_taken_and_left_alone,
    the_end_of_the_installation_is_in_the_log,
    what_is_no_event_is_said_to_be_none,
];

impl Bot {
    /// An event of any shape, signed; the status and body of its answer.
    fn hears(&self, body: &Value) -> (u16, String) {
        let response = self.deliver(self.signed(scene::EVENTS_PATH, body.to_string()));
        self.rest();
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    /// Nobody was shown or asked anything.
    fn nobody_noticed(&self) {
        self.rest();
        assert!(self.world.received().is_empty(), "{:?}", self.world.received());
        assert!(self.world.messages().is_empty() && self.world.home(scene::ANA).is_none());
    }
}

const TAKEN: (u16, &str) = (200, "");

/// An event as it comes for this installation.
fn event(event: &Value) -> Value {
    json!({
        "type": "event_callback",
        "team_id": scene::TEAM,
        "api_app_id": scene::APP,
        "event_id": "Ev0001",
        "event_time": 1_795_285_800,
        "event": event,
        "authorizations": [{ "enterprise_id": null, "team_id": scene::TEAM, "is_enterprise_install": false }],
    })
}

fn slack_is_given_its_challenge_back(bot: &mut Bot) {
    bot.does(&bot.world.slack_verifies_url());
    assert_eq!(bot.logged("challenge"), 1);
    let odd = "<script>\"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P\"";
    let (status, body) = bot.hears(&json!({ "type": "url_verification", "challenge": odd }));
    assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (200, json!({ "challenge": odd })));
    let forged = Forge { signing_secret: Some("another-secret".into()), ..Forge::default() };
    let stranger = bot.world.person(scene::ANA).forging(forged).opens_home().request;
    let mut forged = bot.world.slack_verifies_url().request;
    *forged.headers_mut() = stranger.headers().clone();
    let response = bot.deliver(forged);
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(!String::from_utf8_lossy(response.body()).contains("challenge"));
    bot.nobody_noticed();
}

fn an_event_that_slack_did_not_sign_does_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let old = (bot.world.now_ms() / 1000 - 301).to_string();
    for forge in [
        Forge { signing_secret: Some("another-secret".into()), ..Forge::default() },
        Forge { timestamp: Some(old), ..Forge::default() },
    ] {
        let opens = bot.world.person(scene::ANA).forging(forge).opens_home();
        assert_eq!(bot.deliver(opens.request).status(), StatusCode::UNAUTHORIZED);
    }
    bot.nobody_noticed();
}

fn an_event_of_another_app_or_workspace_is_turned_away(bot: &mut Bot) {
    bot.knows(&sales_db());
    for forge in [
        Forge { app_id: Some("A0OTHER".into()), ..Forge::default() },
        Forge { team: Some(scene::FOREIGN_TEAM.into()), ..Forge::default() },
    ] {
        let opens = bot.world.person(scene::ANA).forging(forge).opens_home();
        assert_eq!(bot.deliver(opens.request).status(), StatusCode::FORBIDDEN);
    }
    // Neither the organisation nor the workspace is said, or another installation is who it is for.
    let opened = json!({ "type": "app_home_opened", "user": scene::ANA, "tab": "home" });
    let mut nowhere = event(&opened);
    nowhere["authorizations"] = json!([]);
    nowhere["team_id"] = Value::Null;
    assert_eq!(bot.hears(&nowhere).0, 403);
    let mut theirs = event(&opened);
    theirs["authorizations"][0]["team_id"] = json!(scene::FOREIGN_TEAM);
    assert_eq!(bot.hears(&theirs).0, 403);
    assert_eq!(bot.logged("foreign"), 4);
    bot.nobody_noticed();
}

fn an_event_that_comes_again_does_no_harm(bot: &mut Bot) {
    bot.knows(&sales_db());
    let opens = bot.world.person(scene::ANA).opens_home();
    bot.does(&opens);
    bot.rest();
    let first = bot.world.home(scene::ANA).expect("a home");
    // The same delivery once more, then as Slack tries again.
    bot.does(&opens);
    for attempt in 1..=3 {
        let again = bot.world.slack_retries(&opens, attempt, "http_timeout").expect("a try of Slack's");
        bot.does(&again);
    }
    bot.rest();
    let last = bot.world.home(scene::ANA).expect("a home");
    assert_eq!((&first.id, blocks(&first.body)), (&last.id, blocks(&last.body)));
    assert!(bot.world.messages().is_empty(), "nobody is told anything twice, or once");
    bot.nothing_changed();
}

/// What is in a view, without the names that Slack gives to blocks.
fn blocks(view: &Value) -> Vec<Value> {
    let mut blocks = view["blocks"].as_array().expect("blocks").clone();
    for block in &mut blocks {
        block.as_object_mut().expect("a block").remove("block_id");
    }
    blocks
}

fn what_is_not_used_is_taken_and_left_alone(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.does(&bot.world.person(scene::ANA).opens_messages());
    for unused in [
        json!({ "type": "app_home_opened", "user": scene::ANA }),
        json!({ "type": "app_home_opened", "tab": "home" }),
        json!({ "type": "message", "user": scene::ANA, "text": "approve everything" }),
        json!({ "type": "user_change", "user": { "id": scene::ANA } }),
        json!({ "type": "of_the_future" }),
    ] {
        let (status, body) = bot.hears(&event(&unused));
        assert_eq!((status, body.as_str()), TAKEN, "{unused}");
    }
    let limited = json!({ "type": "app_rate_limited", "team_id": scene::TEAM, "api_app_id": scene::APP });
    assert_eq!(bot.hears(&limited).0, 200);
    assert_eq!(bot.logged("ignored"), 7);
    bot.nobody_noticed();
}

fn the_end_of_the_installation_is_in_the_log(bot: &mut Bot) {
    let revoked = json!({ "type": "tokens_revoked", "tokens": { "oauth": [], "bot": [scene::BOT_USER] } });
    for (told, outcome) in [(json!({ "type": "app_uninstalled" }), "app-uninstalled"), (revoked, "tokens-revoked")] {
        let (status, body) = bot.hears(&event(&told));
        assert_eq!((status, body.as_str()), TAKEN);
        assert_eq!(bot.logged(outcome), 1, "{}", bot.log());
    }
    bot.nobody_noticed();
}

fn what_is_no_event_is_said_to_be_none(bot: &mut Bot) {
    let no_event = |body: &str| bot.deliver(bot.signed(scene::EVENTS_PATH, body.to_owned())).status();
    for body in [
        "",
        "payload=%7B%7D",
        "[]",
        "{}",
        r#"{"type":"url_verification"}"#,
        r#"{"type":"url_verification","challenge":7}"#,
        r#"{"type":"event_callback"}"#,
        r#"{"type":"event_callback","event":"app_home_opened"}"#,
        r#"{"type":"event_callback","event":{"type":"app_uninstalled"},"authorizations":{}}"#,
    ] {
        assert_eq!(no_event(body), StatusCode::BAD_REQUEST, "{body}");
    }
    let large = format!(r#"{{"type":"url_verification","challenge":"{}"}}"#, "x".repeat(64 * 1024));
    assert_eq!(no_event(&large), StatusCode::PAYLOAD_TOO_LARGE);
    bot.nobody_noticed();
}
