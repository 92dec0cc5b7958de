//! People around a rotation that others have to agree to: which cards they have, what they tap, what they are told.

use emulator::World;
use emulator::scene as company;
use emulator::slack::{Gesture, Message};
use http::Request;
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, is_card, words};
use crate::scene::{ONE_LEAD, ruled};

/// The cards of a rotation that a lead has to approve: in #data-ops, Ana's, and the three leads'.
pub const AMONG_LEADS: usize = 5;

/// What a card says while one approval is missing.
pub const UNAPPROVED: &str = "Waiting for an approval";

/// What somebody is told whose tap changed nothing any more.
pub const MOVED_ON: &str = "has moved on: it is already under way or has ended.";

impl Bot {
    /// Ana asks for `sales-db`, up to so many cards that say where it stands.
    pub fn ana_asks_up_to(&self, says: &str, cards: usize) {
        self.ana_requests("sales-db");
        self.until_cards(says, cards);
    }

    /// Ana asks for `sales-db`, and one of the leads has to approve.
    pub fn ana_waits_for_a_lead(&self) {
        self.knows(&ruled(ONE_LEAD));
        self.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    }

    /// Checks that nothing was decided; then Hana approves as if nothing had been.
    pub fn hana_can_still_approve(&self) {
        assert_eq!((self.happened("approve", "ok"), self.happened("deny", "ok")), (0, 0), "{}", self.log());
        let cards = self.copies();
        assert!(cards.iter().all(|card| card.text.contains(UNAPPROVED)));
        self.taps(company::HANA, "Approve");
        self.until_cards(WAITING, cards.len());
    }

    /// Somebody rejects the last rotation for that reason.
    pub fn rejects(&self, user: &str, why: &str) {
        self.taps(user, "Reject");
        let form = self.modal(user);
        self.does(&self.world.person(user).submit(&form.id, &[("reason", json!(why))]).unwrap());
    }

    /// Waits until there are so many cards of the last rotation, and each says this.
    pub fn until_cards(&self, says: &str, cards: usize) {
        let all = |world: &World| {
            let copies = copies(world);
            copies.len() == cards && copies.iter().all(|card| card.text.contains(says))
        };
        self.until(&format!("{cards} cards say: {says}"), all);
        self.rest();
        assert!(all(&self.world), "no more than {cards} cards: {:#?}", copies(&self.world));
    }

    /// Checks that there are so many cards of the last rotation, and that each says this by now.
    pub fn cards_say(&self, says: &str, cards: usize) {
        let copies = self.copies();
        assert!(copies.len() == cards && copies.iter().all(|card| card.text.contains(says)), "{says}: {copies:#?}");
    }

    /// Every copy of the card of the last rotation.
    pub fn copies(&self) -> Vec<Message> {
        copies(&self.world)
    }

    /// The card of the last rotation in somebody's messages.
    pub fn card_of(&self, user: &str) -> Message {
        let card = self.world.direct_messages(user).into_iter().rfind(is_card);
        card.unwrap_or_else(|| panic!("{user} has no card: {:#?}", self.world.messages()))
    }

    /// The short messages about rotations in somebody's messages, oldest first.
    pub fn notes_of(&self, user: &str) -> Vec<Message> {
        self.world.direct_messages(user).into_iter().filter(|message| !is_card(message)).collect()
    }

    /// Somebody's tap on the card in #data-ops, not sent yet.
    pub fn tap(&self, user: &str, button: &str) -> Gesture {
        let card = self.card(company::CHANNEL_DATA_OPS);
        self.world.person(user).tap(&card.channel, &card.ts, button).expect("a card with that button")
    }

    /// Somebody taps on the card in #data-ops, and Slack takes the answer.
    pub fn taps(&self, user: &str, button: &str) {
        self.does(&self.tap(user, button));
    }

    /// What somebody is told for what they did, for nobody else to see.
    pub fn answer_to(&self, gesture: &Gesture) -> String {
        let private = |world: &World| -> Vec<Message> {
            world.messages().into_iter().filter(|message| message.only_for.is_some()).collect()
        };
        let before = private(&self.world).len();
        self.does(gesture);
        self.until("an answer for one person", |world| private(world).len() > before);
        self.rest();
        let new: Vec<_> = private(&self.world).into_iter().skip(before).collect();
        assert_eq!(new.len(), 1, "{new:#?}");
        words(&new[0].blocks)
    }

    /// What somebody is told who taps on the card in #data-ops.
    pub fn told_for(&self, user: &str, button: &str) -> String {
        self.answer_to(&self.tap(user, button))
    }

    /// A gesture whose payload was changed, sent by somebody who knows the signing secret; what they are told.
    pub fn told_for_payload(&self, gesture: &Gesture, change: impl FnOnce(&mut Value)) -> String {
        let mut changed = gesture.clone();
        changed.request = self.altered(gesture, change);
        self.answer_to(&changed)
    }

    /// What a form says that takes the place of the one that was sent.
    pub fn form_after(&self, request: Request<bytes::Bytes>) -> String {
        let response = self.deliver(request);
        words(&serde_json::from_slice(response.body()).expect("a form in place of the one that was sent"))
    }

    /// How often that came to that, by the log.
    pub fn happened(&self, event: &str, outcome: &str) -> usize {
        self.log().matches(&format!(r#""event":"{event}","outcome":"{outcome}""#)).count()
    }

    /// Checks that no place was sent anything.
    pub fn nothing_was_sent(&self) {
        self.rest();
        assert!(self.world.received().iter().all(|call| call.method != "PATCH"), "{}", self.log());
        assert!(self.world.opened().is_empty());
    }

    /// Checks that no message that anybody has offers anything to tap.
    pub fn nothing_is_offered(&self) {
        for message in self.world.messages() {
            let offers = message.blocks().iter().any(|block| block["type"] == "actions");
            assert!(!offers, "still offers something: {message:#?}");
        }
    }

    /// Checks that the target is nobody's at the moment.
    pub fn sales_db_is_free(&self) {
        let status = self.asks(company::ANA, "status sales-db");
        assert!(status.contains("Nothing is going on."), "{status}");
    }
}

/// The id that the buttons of a card carry.
pub fn rotation_of(card: &Message) -> String {
    let buttons = card.blocks().iter().find(|block| block["type"] == "actions").expect("a card with buttons");
    buttons["elements"][0]["value"].as_str().expect("a button that carries an id").to_owned()
}

/// Every copy of the card that was posted last.
fn copies(world: &World) -> Vec<Message> {
    let cards: Vec<_> = world.messages().into_iter().filter(is_card).collect();
    let reference = |card: &Message| card.text.split("Reference ").nth(1).map(str::to_owned);
    let last = cards.last().and_then(reference);
    cards.into_iter().filter(|card| reference(card) == last).collect()
}
