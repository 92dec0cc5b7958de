//! Short ways to type, be told and send by hand in the pretend Slack, and to see that nothing came of it.

use bytes::Bytes;
use emulator::scene;
use emulator::slack::{Gesture, sign};
use http::Request;
use serde_json::Value;

use crate::bot::{Bot, words};

impl Bot {
    /// Somebody types after the command in #sales, and what follows from that happens.
    pub fn types(&self, user: &str, text: &str) {
        self.does(&self.world.person(user).slash(scene::CHANNEL_SALES, text));
        self.rest();
    }

    /// Somebody types after the command and is answered for their eyes only; the words of that.
    pub fn asks(&self, user: &str, text: &str) -> String {
        self.rest();
        let seen = self.world.messages().len();
        self.types(user, text);
        let new: Vec<_> = self.world.messages().into_iter().skip(seen).collect();
        assert_eq!(new.len(), 1, "one answer to {text:?}: {new:#?}\n{}", self.log());
        assert_eq!(new[0].only_for.as_deref(), Some(user), "for nobody else to see");
        words(&new[0].blocks)
    }

    /// The form before somebody who asked to rotate a target, once the bot has looked whether it leads anywhere.
    pub fn form_for(&self, user: &str, target: &str) -> String {
        self.types(user, &format!("rotate {target}"));
        self.modal_words(user)
    }

    /// A body signed as Slack signs it, now.
    pub fn signed(&self, path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
        let (timestamp, body) = ((self.world.now_ms() / 1000).to_string(), body.into());
        Request::post(path)
            .header("x-slack-signature", sign(scene::SIGNING_SECRET, &timestamp, &body))
            .header("x-slack-request-timestamp", timestamp)
            .body(body)
            .unwrap()
    }

    /// An interaction of any shape, signed.
    pub fn interaction(&self, payload: &Value) -> Request<Bytes> {
        let form: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
        self.signed(scene::INTERACTION_PATH, form)
    }

    /// What Slack sends about something a person did, changed by hand and signed anew.
    pub fn altered(&self, gesture: &Gesture, alter: impl FnOnce(&mut Value)) -> Request<Bytes> {
        let body = gesture.request.body();
        let (_, payload) = url::form_urlencoded::parse(body).find(|(name, _)| name == "payload").unwrap();
        let mut payload = serde_json::from_str(&payload).unwrap();
        alter(&mut payload);
        self.interaction(&payload)
    }

    /// How many lines of the log tell of that outcome.
    pub fn logged(&self, outcome: &str) -> usize {
        self.rest();
        self.log().matches(&format!(r#""outcome":"{outcome}""#)).count()
    }

    /// Checks that places were looked at, at most: nothing was sent to be kept there, and nothing tested.
    pub fn only_looked(&self) {
        self.rest();
        let calls = self.world.received();
        let services = calls.iter().filter(|call| matches!(call.service.as_str(), "powerbi" | "fabric"));
        let changes: Vec<_> =
            services.filter(|call| call.method != "GET" && !call.path.ends_with("/checkStatus")).collect();
        assert!(changes.is_empty(), "{changes:?}\n{}", self.log());
        assert!(self.world.opened().is_empty() && self.world.tests().is_empty());
    }

    /// Checks that no service but Slack was called, and that Slack was only asked, or told one person.
    pub fn nothing_changed(&self) {
        self.rest();
        let calls = self.world.received();
        let changes = calls.iter().filter(|call| call.service != "slack" || call.path.contains("/chat."));
        let changes: Vec<_> = changes.map(|call| format!("{} {}{}", call.method, call.service, call.path)).collect();
        assert!(changes.is_empty(), "{changes:?}\n{}", self.log());
        assert!(self.world.messages().iter().all(|message| message.only_for.is_some()), "nothing for all to see");
        assert!(self.world.opened().is_empty());
    }
}
