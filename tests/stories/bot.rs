//! The bot in a story, whichever way it runs: what a story does with it, and what holds at the end of every one.

use std::cell::RefCell;
use std::time::Duration;

use bytes::Bytes;
use emulator::slack::{Gesture, Message, Person, View};
use emulator::{Clock, World, scene as company};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::in_process::InProcess;
use crate::in_workerd::InWorkerd;
use crate::scene;

/// 2026-11-21 18:30 UTC.
const BEGINNING_MS: u64 = 1_795_285_800_000;

/// The bot and the world around it.
pub struct Bot {
    /// The world.
    pub world: World,
    runs: Runs,
    secrets: RefCell<Vec<String>>,
}

enum Runs {
    Here(Box<InProcess>),
    InWorkerd(Box<InWorkerd>),
}

/// Runs a story in this process.
pub fn in_process(story: impl Fn(&mut Bot)) {
    let world = World::contoso(Clock::Manual(BEGINNING_MS));
    world.set_base_url("http://127.0.0.1:9");
    let runs = InProcess::new(world.clone(), &scene::settings("http://127.0.0.1:9"));
    play(Bot::new(world, Runs::Here(Box::new(runs))), story);
}

/// Runs a story in the Workers runtime.
pub fn in_workerd(story: impl Fn(&mut Bot)) {
    let world = World::contoso(Clock::System);
    let runs = InWorkerd::new(world.clone(), scene::unhurried);
    play(Bot::new(world, Runs::InWorkerd(Box::new(runs))), story);
}

fn play(mut bot: Bot, story: impl Fn(&mut Bot)) {
    story(&mut bot);
    bot.rest();
    bot.nothing_secret_shows();
}

impl Bot {
    fn new(world: World, runs: Runs) -> Self {
        Self { world, runs, secrets: RefCell::new(scene::SECRETS.map(str::to_owned).to_vec()) }
    }

    /// Whether it runs in this process, where calls arrive when they are sent.
    pub fn is_here(&self) -> bool {
        matches!(self.runs, Runs::Here(_))
    }

    /// Changes settings: the bot is deployed anew, with nothing kept.
    pub fn with(&mut self, changes: &[(&str, &str)]) {
        let here = self.is_here();
        let changed = |base: &str| scene::changed(here, changes, base);
        self.runs = match self.runs {
            Runs::Here(_) => Runs::Here(Box::new(InProcess::new(self.world.clone(), &changed("http://127.0.0.1:9")))),
            Runs::InWorkerd(_) => Runs::InWorkerd(Box::new(InWorkerd::new(self.world.clone(), changed))),
        };
    }

    /// Deploys changed settings over what is kept.
    pub fn redeploy(&mut self, changes: &[(&str, &str)]) {
        let changes: Vec<_> = changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match &mut self.runs {
            Runs::Here(bot) => {
                let mut settings = scene::settings("http://127.0.0.1:9");
                settings.extend(changes);
                bot.redeploy(&settings);
            }
            Runs::InWorkerd(bot) => bot.redeploy(changes),
        }
    }

    /// The bot in this process, for what can be done to no other.
    pub fn here(&self) -> &InProcess {
        let Runs::Here(bot) = &self.runs else { panic!("only a bot of our own can be done that to") };
        bot
    }

    /// A secret that must show nowhere afterwards.
    pub fn secret(&self, text: &str) -> String {
        self.secrets.borrow_mut().push(text.to_owned());
        text.to_owned()
    }

    /// Where a browser finds the bot. Only in the Workers runtime.
    pub fn address(&self) -> String {
        let Runs::InWorkerd(bot) = &self.runs else { panic!("a browser needs an address") };
        bot.address()
    }

    /// Sends a raw request.
    pub fn deliver(&self, request: Request<Bytes>) -> Response<Bytes> {
        match &self.runs {
            Runs::Here(bot) => bot.deliver(request).expect("the isolate lives"),
            Runs::InWorkerd(bot) => bot.deliver(request),
        }
    }

    /// Sends a raw request, with its length told beforehand or not, that the bot need not read to its end. In this
    /// process there is no such difference.
    pub fn pour(&self, request: Request<Bytes>, length_told: bool) -> Response<Bytes> {
        match &self.runs {
            Runs::Here(_) => self.deliver(request),
            Runs::InWorkerd(bot) => bot.pour(request, length_told),
        }
    }

    /// Sends a request over which the bot dies, because a call of its own is never answered. Only in this process.
    pub fn dies_over(&self, request: Request<Bytes>) {
        assert!(self.here().deliver(request).is_none(), "the bot answered");
    }

    /// Does what a person did, and shows them the answer.
    pub fn does(&self, gesture: &Gesture) {
        let response = self.deliver(gesture.request.clone());
        self.world.slack_answered(gesture, &response).expect("an answer that Slack takes");
    }

    /// Puts a catalog; answers status and body.
    pub fn put_catalog(&self, query: &str, token: &str, text: &str) -> (StatusCode, Value) {
        let request = Request::put(format!("/admin/catalog{query}"))
            .header("authorization", format!("Bearer {token}"))
            .body(Bytes::copy_from_slice(text.as_bytes()))
            .unwrap();
        let response = self.deliver(request);
        (response.status(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
    }

    /// Puts a catalog that is good.
    pub fn knows(&self, catalog: &str) {
        let (status, body) = self.put_catalog("", scene::ADMIN_TOKEN, catalog);
        assert_eq!(status, StatusCode::OK, "{body:#}");
    }

    /// Lets everything happen that leads to `done`; in this process the clock jumps from one alarm to the next.
    pub fn until(&self, what: &str, done: impl Fn(&World) -> bool) {
        // Twice as long as anything is tried.
        let give_up = self.world.now_ms() + 2 * 24 * 60 * 60 * 1000;
        let happened = match &self.runs {
            Runs::InWorkerd(bot) => bot.until(|| done(&self.world)),
            Runs::Here(bot) => loop {
                if done(&self.world) {
                    break true;
                }
                if self.world.now_ms() > give_up {
                    break false;
                }
                if bot.work() {
                    continue;
                }
                let Some(due) = bot.next_due() else { break false };
                let now = self.world.now_ms();
                self.world.advance(u64::try_from(due.0).unwrap().saturating_sub(now));
            },
        };
        assert!(happened, "never happened: {what}\n{}\nmessages: {:#?}", self.log(), self.world.messages());
    }

    /// Lets everything happen that is due now.
    pub fn rest(&self) {
        match &self.runs {
            Runs::Here(bot) => while bot.work() {},
            Runs::InWorkerd(bot) => bot.rest(),
        }
    }

    /// Lets time go by. Only in this process.
    pub fn wait(&self, time: Duration) {
        assert!(self.is_here(), "only a clock of our own can be moved");
        let end = self.world.now_ms() + u64::try_from(time.as_millis()).unwrap();
        self.rest();
        if let Runs::Here(bot) = &self.runs {
            while let Some(due) = bot.next_due().filter(|due| u64::try_from(due.0).unwrap() <= end) {
                self.world.advance(u64::try_from(due.0).unwrap().saturating_sub(self.world.now_ms()));
                self.rest();
            }
        }
        self.world.advance(end.saturating_sub(self.world.now_ms()));
        self.rest();
    }

    /// The platform's schedule wakes the bot, as it does once a day.
    pub fn wakes_up(&self) {
        match &self.runs {
            Runs::Here(bot) => bot.daily(),
            Runs::InWorkerd(bot) => bot.daily(),
        }
    }

    /// Ends the bot in the middle of whatever it does, and starts it again.
    pub fn crash(&mut self) {
        match &mut self.runs {
            Runs::Here(bot) => bot.restart(),
            Runs::InWorkerd(bot) => bot.crash(),
        }
    }

    /// Everything logged so far.
    pub fn log(&self) -> String {
        match &self.runs {
            Runs::Here(bot) => bot.log(),
            Runs::InWorkerd(bot) => bot.log(),
        }
    }

    /// Everything kept now.
    pub fn kept(&self) -> Vec<u8> {
        match &self.runs {
            Runs::Here(bot) => bot.kept(),
            Runs::InWorkerd(bot) => bot.kept(),
        }
    }

    /// The modal on top of a person's screen.
    pub fn modal(&self, user: &str) -> View {
        self.world.modals(user).last().cloned().unwrap_or_else(|| panic!("{user} has no form open\n{}", self.log()))
    }

    /// The words of the modal on top of a person's screen.
    pub fn modal_words(&self, user: &str) -> String {
        words(&self.modal(user).body)
    }

    /// The card in a channel: the last one there.
    pub fn card(&self, channel: &str) -> Message {
        let messages = self.world.messages();
        messages.into_iter().rfind(|message| message.channel == channel && is_card(message)).expect("a card")
    }

    /// The words of the last message that only this person sees.
    pub fn told(&self, user: &str) -> String {
        let messages = self.world.messages();
        let last = messages.into_iter().rfind(|message| message.only_for.as_deref() == Some(user));
        words(&last.unwrap_or_else(|| panic!("{user} was told nothing\n{}", self.log())).blocks)
    }

    /// Ana asks for a rotation, up to the card.
    pub fn ana_requests(&self, target: &str) -> Person {
        let ana = self.world.person(company::ANA);
        self.does(&ana.slash(company::CHANNEL_SALES, &format!("rotate {target}")));
        self.rest();
        let form = self.modal(company::ANA);
        self.does(&ana.submit(&form.id, &[("reason", json!("Quarterly rotation"))]).expect("the request form"));
        // What the form became has nothing more to say.
        ana.close(&self.modal(company::ANA).id).expect("a notice that can be closed");
        ana
    }

    /// Ana asks for a rotation, up to the form that takes the credential.
    pub fn ana_asks(&self, target: &str) -> Person {
        let ana = self.ana_requests(target);
        self.until_her_card(WAITING);
        self.ana_opens_the_form();
        ana
    }

    /// Ana taps "Enter credential" on the card in her messages.
    pub fn ana_opens_the_form(&self) {
        let card = self.her_card();
        let tap = self.world.person(company::ANA).tap(&card.channel, &card.ts, "Enter credential");
        self.does(&tap.expect("a card that takes the credential"));
    }

    /// The card of the last rotation in Ana's messages.
    pub fn her_card(&self) -> Message {
        let messages = self.world.direct_messages(company::ANA);
        messages.into_iter().rfind(is_card).expect("a card in Ana's messages")
    }

    /// Waits until the card in Ana's messages says this.
    pub fn until_her_card(&self, says: &str) {
        self.until(says, |world| {
            let messages = world.direct_messages(company::ANA);
            messages.into_iter().rfind(is_card).is_some_and(|card| card.text.contains(says))
        });
    }

    /// Ana enters a password into the form before her.
    pub fn ana_enters(&self, password: &str) {
        self.ana_fills_in(&[("password", password)]);
    }

    /// Ana enters secrets into the form before her, by field.
    pub fn ana_fills_in(&self, entered: &[(&str, &str)]) {
        let entered: Vec<_> = entered.iter().map(|(field, secret)| (*field, json!(self.secret(secret)))).collect();
        let (ana, form) = (self.world.person(company::ANA), self.modal(company::ANA));
        self.does(&ana.submit(&form.id, &entered).expect("the credential form"));
    }

    /// A whole rotation of `target` by Ana, from the command to a card that says how it ended, and until the register knows
    /// as well, which is told after the card; answers the card's words. Where the plan does not pass, nothing is entered.
    pub fn ana_rotates(&self, target: &str, entered: &[(&str, &str)], says: &str) -> String {
        let before = self.world.messages().len();
        let said = |world: &World, words: &[&str]| {
            let new = world.messages().into_iter().skip(before).filter(is_card);
            let mut here = new.filter(|message| message.channel == company::CHANNEL_DATA_OPS);
            here.any(|message| words.iter().any(|words| message.text.contains(words)))
        };
        self.ana_requests(target);
        self.until(says, |world| said(world, &[WAITING, says]));
        if !said(&self.world, &[says]) {
            self.until_her_card(WAITING);
            self.ana_opens_the_form();
            if !entered.is_empty() {
                self.ana_fills_in(entered);
            }
        }
        self.until(says, |world| said(world, &[says]));
        self.rest();
        words(&self.card(company::CHANNEL_DATA_OPS).blocks)
    }

    /// Waits until the card in #data-ops says that the rotation has come to this end.
    pub fn until_card(&self, says: &str) {
        self.until(says, |world| {
            let here = |message: &Message| message.channel == company::CHANNEL_DATA_OPS && is_card(message);
            let card = world.messages().into_iter().rfind(here);
            card.is_some_and(|card| card.text.contains(says))
        });
    }

    /// Searches everything logged, shown, sent to the chats and kept for every secret of the story.
    pub fn nothing_secret_shows(&self) {
        let chats = ["slack", "teams", "graph"];
        let chats = self.world.received().into_iter().filter(|call| chats.contains(&call.service.as_str()));
        let kept = self.kept();
        let shown = [
            ("the log", self.log()),
            ("messages", format!("{:?}", self.world.messages())),
            ("messages in Teams", format!("{:?}", self.world.teams_messages())),
            ("what was sent to the chats", chats.map(|call| call.path + &call.body).collect::<String>()),
            // As text, which is searched many times faster than bytes are.
            ("what is kept", String::from_utf8_lossy(&kept).into_owned()),
        ];
        for secret in self.secrets.borrow().iter() {
            let json = serde_json::to_string(secret).unwrap();
            let escaped = json.trim_matches('"');
            for (place, text) in &shown {
                let found = text.contains(secret.as_str()) || escaped != secret && text.contains(escaped);
                assert!(!found, "{place} holds the secret {secret}");
            }
        }
    }
}

/// What a card says when it is the requester's turn.
pub const WAITING: &str = "Waiting for the new credential";

/// Whether a message is a rotation's card, and not one that points to it or is for one person's eyes only.
pub fn is_card(message: &Message) -> bool {
    let header = message.blocks().first().is_some_and(|block| block["type"] == "header");
    message.only_for.is_none() && header
}

/// The words in blocks or a view, a line for each text.
pub fn words(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let own = fields.get("text").and_then(Value::as_str).map(str::to_owned);
            let within =
                fields.iter().filter(|(key, _)| !matches!(key.as_str(), "private_metadata" | "accessibility_label"));
            let within = within.map(|(_, value)| words(value)).filter(|text| !text.is_empty());
            own.into_iter().chain(within).collect::<Vec<_>>().join("\n")
        }
        Value::Array(values) => values.iter().map(words).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}
