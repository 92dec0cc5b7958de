//! Stories of Teams: short ways to write, tap and read there, and what each topic's stories start from.

mod alone;
mod approvals;
mod asking;
mod both;
mod chat_entry;
mod deciding;
mod main_job;
mod reaching;
mod refusals;
mod troubles;

use bytes::Bytes;
use emulator::World;
use emulator::scene as company;
use emulator::teams::{TeamsGesture, TeamsMessage, TeamsPerson};
use http::Response;
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING};
use crate::page::{ID, plan, sealed, submission, submit};
use crate::scene::{TEAMS, in_teams, ruled};

/// What a card says at the end.
pub const VERIFIED: &str = "Rotated and verified, ";
/// What a card says while one approval is missing.
pub const UNAPPROVED: &str = "Waiting for an approval";

impl Bot {
    /// The bot moves to Teams, with these settings as well, and knows this catalog there.
    pub fn moves_to_teams(&mut self, changes: &[(&str, &str)], catalog: &str) {
        self.with(&[&TEAMS, changes].concat());
        self.knows(&in_teams(catalog));
    }

    /// `sales-db` in Teams, in one place, whose policy says this as well.
    pub fn is_in_teams(&mut self, rules: &str) {
        self.moves_to_teams(&[], &ruled(rules));
    }

    /// Somebody in Teams.
    pub fn colleague(&self, object: &str) -> TeamsPerson {
        self.world.teams_person(object)
    }

    /// Delivers what somebody did, and shows them the answer.
    pub fn acts(&self, gesture: &TeamsGesture) -> Response<Bytes> {
        let response = self.deliver(gesture.request.clone());
        let taken = self.world.teams_answered(gesture, &response);
        taken.unwrap_or_else(|broken| panic!("Teams takes the answer: {broken}\n{response:?}\n{}", self.log()));
        response
    }

    /// Somebody taps a button of a message.
    pub fn touches(&self, object: &str, message: &TeamsMessage, button: &str) -> Response<Bytes> {
        let gesture = self.colleague(object).taps(message, button, &Value::Null);
        self.acts(&gesture.unwrap_or_else(|broken| panic!("{broken}: {}", said(message))))
    }

    /// The words of the dialog that somebody has open.
    pub fn dialog(&self, object: &str) -> String {
        let dialog = self.world.teams_dialog(object).unwrap_or_else(|| panic!("no dialog\n{}", self.log()));
        words(&dialog)
    }

    /// Every message in somebody's own conversation with the bot, oldest first.
    pub fn own(&self, object: &str) -> Vec<TeamsMessage> {
        in_conversation(&self.world, &format!("a:direct-{object}"))
    }

    /// The last message in a conversation: what a story has just caused, and nothing else is there to come.
    pub fn last_in(&self, conversation: &str) -> TeamsMessage {
        self.rest();
        let last = in_conversation(&self.world, conversation).pop();
        last.unwrap_or_else(|| panic!("no message in {conversation}\n{}", self.log()))
    }

    /// Somebody writes to the bot alone, and is answered; the answer.
    pub fn answers(&self, object: &str, text: &str) -> TeamsMessage {
        self.rest();
        let before = self.world.teams_messages().len();
        self.acts(&self.colleague(object).tells(text));
        self.until("an answer", |world| world.teams_messages().len() > before);
        self.rest();
        let new: Vec<_> = self.world.teams_messages().into_iter().skip(before).collect();
        assert_eq!(new.len(), 1, "one answer to {text:?}: {new:#?}\n{}", self.log());
        assert_eq!(new[0].conversation, format!("a:direct-{object}"));
        new[0].clone()
    }

    /// Ana asks for `sales-db` in her own conversation, up to the rotation's being opened.
    pub fn ana_requests_in_teams(&self) {
        let offer = self.answers(company::ANA_OBJECT, "rotate sales-db");
        self.touches(company::ANA_OBJECT, &offer, "Open form");
        self.ana_sends_the_form(&json!({}));
    }

    /// The same where cards are shown at once, also in the places of others.
    pub fn ana_requests_in_teams_among_others(&self) {
        self.rest();
        self.acts(&self.colleague(company::ANA_OBJECT).tells("rotate sales-db"));
        let offer = self.last_in(&format!("a:direct-{}", company::ANA_OBJECT));
        self.touches(company::ANA_OBJECT, &offer, "Open form");
        self.ana_sends_the_form(&json!({}));
    }

    /// Ana sends the request form before her, with these inputs as well.
    pub fn ana_sends_the_form(&self, inputs: &Value) {
        let mut inputs = inputs.clone();
        inputs["reason"] = json!("Quarterly rotation");
        self.acts(&self.colleague(company::ANA_OBJECT).submits(&inputs));
        let told = self.dialog(company::ANA_OBJECT);
        assert!(told.contains("Rotation opened"), "{told}\n{}", self.log());
    }

    /// The card of the last rotation in a conversation, if there is one.
    pub fn card_in(&self, conversation: &str) -> Option<TeamsMessage> {
        in_conversation(&self.world, conversation).into_iter().rfind(is_card)
    }

    /// The card in somebody's own conversation.
    pub fn their_card(&self, object: &str) -> TeamsMessage {
        self.card_in(&format!("a:direct-{object}")).unwrap_or_else(|| panic!("no card\n{}", self.log()))
    }

    /// Waits until the card in the team's channel and in the own conversations of these people says this.
    pub fn until_all(&self, objects: &[&str], says: &str) {
        let mut places = vec![company::THREAD_DATA_OPS.to_owned()];
        places.extend(objects.iter().map(|object| format!("a:direct-{object}")));
        self.until(says, |world| {
            places.iter().all(|place| {
                let card = in_conversation(world, place).into_iter().rfind(is_card);
                card.is_some_and(|card| said(&card).contains(says))
            })
        });
    }

    /// Ana taps "Enter credential" on her card and types a password into the page that opens.
    pub fn ana_enters_on_the_page(&self, password: &str) {
        self.until_all(&[company::ANA_OBJECT], WAITING);
        self.touches(company::ANA_OBJECT, &self.their_card(company::ANA_OBJECT), "Enter credential");
        self.ana_fills_in_the_page(password);
    }

    /// Ana types a password into the page in the dialog before her.
    pub fn ana_fills_in_the_page(&self, password: &str) {
        self.ana_fills_in_the_page_then(password, |_| {});
    }

    /// The same, and something happens before she sends it.
    pub fn ana_fills_in_the_page_then(&self, password: &str, then: impl FnOnce(&Self)) {
        let password = self.secret(password);
        let dialog = self.world.teams_dialog(company::ANA_OBJECT).expect("a dialog");
        assert_eq!(dialog["url"], dialog["fallbackUrl"]);
        let (page, ticket) = dialog["url"].as_str().expect("a page").split_once('#').expect("a ticket in the fragment");
        assert_eq!(page, "https://rotate.contoso.example/enter");
        self.secret(ticket);
        let sealed = sealed(&plan(self, ticket), "CONTOSO\\svc_sales", &password);
        then(self);
        assert_eq!(submit(self, ticket, &submission(ID, &sealed)).0, http::StatusCode::OK);
    }

    /// Ana enters a password, and every card says that it is in force; then every gateway has it.
    pub fn ana_finishes(&self, password: &str) {
        self.ana_enters_on_the_page(password);
        self.until_all(&[company::ANA_OBJECT], VERIFIED);
        let opened = self.world.opened();
        assert!(!opened.is_empty() && opened.iter().all(|opened| opened.plaintext.contains(password)));
    }
}

/// The messages in a conversation, oldest first.
pub fn in_conversation(world: &World, conversation: &str) -> Vec<TeamsMessage> {
    world.teams_messages().into_iter().filter(|message| message.conversation == conversation).collect()
}

/// Whether a message is a rotation's card: it has a heading.
pub fn is_card(message: &TeamsMessage) -> bool {
    message.cards.first().is_some_and(|card| card["body"][0]["inlines"][0]["size"] == "Large")
}

/// The words of a message.
pub fn said(message: &TeamsMessage) -> String {
    words(&json!(message.cards))
}

/// The words in a card or a dialog, a line for each text or title; not what only old clients show.
pub fn words(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Array(runs)) = fields.get("inlines") {
                return runs.iter().filter_map(|run| run["text"].as_str()).collect();
            }
            let own =
                ["title", "text", "label"].iter().filter_map(|name| Some(fields.get(*name)?.as_str()?.to_owned()));
            let within = fields.iter().filter(|(name, _)| *name != "fallback").map(|(_, value)| words(value));
            own.chain(within.filter(|text| !text.is_empty())).collect::<Vec<_>>().join("\n")
        }
        Value::Array(values) => values.iter().map(words).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// The words with which a tap on a card was answered.
pub fn shown(answer: &Response<Bytes>) -> String {
    let answer: Value = serde_json::from_slice(answer.body()).expect("JSON");
    answer["value"].as_str().map_or_else(|| words(&answer["value"]), str::to_owned)
}
