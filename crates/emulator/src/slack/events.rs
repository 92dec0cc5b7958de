//! Events that Slack delivers by itself: the App Home opened, a delivery tried again, the address verified.

use http::HeaderValue;
use serde_json::{Value, json};

use super::person::{Expects, Gesture, Person};
use super::signature::{self, Forge};
use super::{Broken, Slack};
use crate::fields;
use crate::scene;
use crate::world::World;

/// How often Slack tries to deliver an event again (Events API: at once, after a minute, after five).
const RETRIES: u32 = 3;

impl Person {
    /// Opens the home tab of the app: `app_home_opened`, with the view when one was published before.
    pub fn opens_home(&self) -> Gesture {
        self.opens("home")
    }

    /// Opens the messages tab of the app: `app_home_opened` as well.
    pub fn opens_messages(&self) -> Gesture {
        self.opens("messages")
    }

    fn opens(&self, tab: &str) -> Gesture {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let user = self.canonical(slack);
        let (channel, _) = slack.open_direct(&user);
        let number = slack.next();
        let stamp = format!("{}.{number:06}", now_ms / 1000);
        let mut event =
            json!({"type": "app_home_opened", "user": self.id, "channel": channel, "tab": tab, "event_ts": stamp});
        let home = slack.views.iter().find(|view| view.user == user && !view.is_modal());
        if let Some(home) = home.filter(|_| tab == "home") {
            fields::put(&mut event, "view", home.describe());
        }
        let body = envelope(slack, &self.forge, event, &format!("Ev{number:08}"), now_ms).to_string();
        let request = signature::json(scene::EVENTS_PATH, &body, now_ms, &self.forge);
        Gesture { request, user, sent_ms: now_ms, expects: Expects::Event }
    }
}

impl World {
    /// The same event once more, at the world's present time, because its first delivery failed; `attempt` counts from 1, and
    /// `reason` is one of `http_timeout`, `too_many_redirects`, `connection_failed`, `ssl_error`, `http_error` and
    /// `unknown_error`.
    ///
    /// # Errors
    /// When the gesture was no event, or Slack would have given up before.
    pub fn slack_retries(&self, event: &Gesture, attempt: u32, reason: &str) -> Result<Gesture, Broken> {
        if !matches!(event.expects, Expects::Event) || !(1..=RETRIES).contains(&attempt) {
            return Err(Broken::new("Slack delivers nothing but events again, three times at most"));
        }
        let now_ms = self.now_ms();
        let body = String::from_utf8_lossy(event.request.body());
        let mut request = signature::json(scene::EVENTS_PATH, &body, now_ms, &Forge::default());
        request.headers_mut().insert("x-slack-retry-num", attempt.into());
        let reason = HeaderValue::from_str(reason).map_err(|_| Broken::new("the reason is not a word"))?;
        request.headers_mut().insert("x-slack-retry-reason", reason);
        Ok(Gesture { request, user: event.user.clone(), sent_ms: now_ms, expects: Expects::Event })
    }

    /// What Slack sends when the app's events are pointed at an address: the answer has to give the challenge back.
    pub fn slack_verifies_url(&self) -> Gesture {
        let mut state = self.lock();
        let now_ms = state.now_ms();
        let challenge = format!("challenge-{}", state.slack.next());
        let body =
            json!({"token": "deprecated-verification-token", "challenge": challenge, "type": "url_verification"});
        let request = signature::json(scene::EVENTS_PATH, &body.to_string(), now_ms, &Forge::default());
        Gesture { request, user: String::new(), sent_ms: now_ms, expects: Expects::Challenge(challenge) }
    }
}

/// The envelope of every event (Events API, `event_callback`).
fn envelope(slack: &Slack, forge: &Forge, event: Value, id: &str, now_ms: u64) -> Value {
    let team = forge.team.as_deref().unwrap_or(scene::TEAM);
    json!({
        "token": "deprecated-verification-token",
        "team_id": team,
        "api_app_id": forge.app_id.as_deref().unwrap_or(scene::APP),
        "event": event,
        "type": "event_callback",
        "event_id": id,
        "event_time": now_ms / 1000,
        "authorizations": [{
            "enterprise_id": forge.enterprise.as_deref().unwrap_or(scene::ENTERPRISE),
            "team_id": if slack.org_install { Value::Null } else { json!(team) },
            "user_id": scene::BOT_USER,
            "is_bot": true,
            "is_enterprise_install": slack.org_install,
        }],
    })
}
