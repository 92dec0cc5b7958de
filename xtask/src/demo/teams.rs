//! The hands of people in Teams, and what they see there, printed.
#![allow(clippy::disallowed_methods, reason = "the runtime is another process: waiting for it takes real time")]

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use emulator::{
    scene,
    teams::{Forgery, TeamsGesture, TeamsMessage},
};
use serde_json::{Map, Value, json};

use super::{
    adaptive,
    stage::{PATIENCE, Stage},
    transcript,
};

/// What the id of somebody's own conversation with the bot begins with, before their object id.
const DIRECT: &str = "a:direct-";

impl Stage {
    /// Somebody mentions the bot in a conversation.
    pub(crate) fn says_in_teams(&self, object: &str, conversation: &str, text: &str) -> Result<()> {
        transcript::says(object, conversation, &format!("@pbi {text}"));
        self.does_in_teams(&self.world.teams_person(object).says(conversation, text))
    }

    /// Somebody taps a button on the newest message that has it, or will have it in a moment.
    pub(crate) fn taps_in_teams(&self, object: &str, button: &str) -> Result<()> {
        let (message, tap) = self.tap_in_teams(object, button, Forgery::default())?;
        transcript::acts(object, &format!("taps [{button}]"));
        let before = seen(&self.world.teams_seen(object, &message));
        self.answered_in_teams(&tap)?;
        // The answer to a tap is for whoever tapped; everybody else's card is rewritten in its own time.
        let mut now = seen(&self.world.teams_seen(object, &message));
        now.retain(|line| !before.contains(line));
        if !now.is_empty() {
            transcript::boxed(&format!("on the card, {} sees at once", transcript::name(object)), &now);
        }
        self.settle();
        Ok(())
    }

    /// The message with that button, and what such a tap sends.
    pub(crate) fn tap_in_teams(
        &self,
        object: &str,
        button: &str,
        forgery: Forgery,
    ) -> Result<(TeamsMessage, TeamsGesture)> {
        let person = self.world.teams_person(object).forged(forgery);
        let own = format!("{DIRECT}{object}");
        let begun = Instant::now();
        loop {
            let mut messages = self.world.teams_messages();
            messages.retain(|message| !message.conversation.starts_with(DIRECT) || message.conversation == own);
            let tapped = |message: TeamsMessage| {
                let tap = person.taps(&message, button, &Value::Null).ok()?;
                Some((message, tap))
            };
            if let Some(tap) = messages.into_iter().rev().find_map(tapped) {
                return Ok(tap);
            }
            ensure!(begun.elapsed() < PATIENCE, "no message in Teams has a button \"{button}\"");
            self.print_new();
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Fills in the dialog in front of somebody and sends it; `answer` is asked for each field by its label.
    pub(crate) fn fills_in_dialog(&self, object: &str, answer: impl Fn(&str) -> Option<String>) -> Result<()> {
        let dialog = self.world.teams_dialog(object).context("a dialog")?;
        let mut values = Map::new();
        for (name, label) in adaptive::inputs(dialog.pointer("/card/content").unwrap_or(&Value::Null)) {
            let value = answer(&label).with_context(|| format!("an answer to {label}"))?;
            transcript::acts(object, &format!("enters {label}: {value}"));
            values.insert(name, json!(value));
        }
        self.does_in_teams(&self.world.teams_person(object).submits(&Value::Object(values)))
    }

    /// The same, and waits for what follows from it.
    fn does_in_teams(&self, gesture: &TeamsGesture) -> Result<()> {
        self.answered_in_teams(gesture)?;
        self.settle();
        Ok(())
    }

    /// Takes a gesture to the Worker, shows the person its answer, and prints the dialog that it is.
    fn answered_in_teams(&self, gesture: &TeamsGesture) -> Result<()> {
        let before = self.dialogs();
        let response = self.send(gesture.request.clone())?;
        self.world.teams_answered(gesture, &response).map_err(|broken| anyhow!("Teams shows an error: {broken}"))?;
        for (object, dialog) in self.dialogs() {
            if before.get(&object) != Some(&dialog) {
                print_dialog(object, &dialog);
            }
        }
        Ok(())
    }

    /// The dialogs that people have open.
    fn dialogs(&self) -> BTreeMap<&'static str, Value> {
        let people = [scene::ANA_OBJECT, scene::BEN_OBJECT];
        people.into_iter().filter_map(|object| Some((object, self.world.teams_dialog(object)?))).collect()
    }

    /// Waits for a message in Teams that says `words`.
    pub(crate) fn until_said_in_teams(&self, words: &str) -> Result<()> {
        let begun = Instant::now();
        while !self.said_in_teams(words) {
            self.print_new();
            ensure!(
                begun.elapsed() < PATIENCE,
                "nobody in Teams was told \"{words}\"; the Worker's log:\n{}",
                self.worker.log()
            );
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Whether a message in Teams says `words`.
    pub(crate) fn said_in_teams(&self, words: &str) -> bool {
        self.world.teams_messages().iter().any(|message| lines(message).iter().any(|line| line.contains(words)))
    }

    /// Prints what is new or different in Teams; `printed` is what was there before.
    pub(super) fn print_new_in_teams(&self, printed: &mut BTreeMap<(String, String), (u32, String)>) {
        for message in self.world.teams_messages() {
            let lines = lines(&message);
            let state = (message.edits, lines.join("\n"));
            let key = (message.conversation.clone(), message.id.clone());
            if printed.get(&key) != Some(&state) {
                print_message(&message, &lines);
                printed.insert(key, state);
            }
        }
    }
}

fn lines(message: &TeamsMessage) -> Vec<String> {
    seen(&message.cards)
}

fn seen(cards: &[Value]) -> Vec<String> {
    cards.iter().flat_map(adaptive::lines).collect()
}

fn print_message(message: &TeamsMessage, lines: &[String]) {
    let verb = if message.edits == 0 { "" } else { " (rewritten)" };
    match message.conversation.strip_prefix(DIRECT) {
        // Every copy of a card is kept as the one in the channel is; once is enough to see.
        Some(_) if message.edits > 0 => {}
        Some(object) => transcript::boxed(&format!("{} gets a message in Teams", transcript::name(object)), lines),
        None => {
            transcript::boxed(&format!("everybody in {} sees{verb}", transcript::room(&message.conversation)), lines)
        }
    }
}

/// A dialog that opened, or took the place of another. Of a page's address, only that there is a ticket in it.
fn print_dialog(object: &str, dialog: &Value) {
    let title = dialog.get("title").and_then(Value::as_str).unwrap_or_default();
    let lines = match dialog.get("url").and_then(Value::as_str) {
        Some(url) => vec![format!("{}#TICKET", url.split('#').next().unwrap_or_default())],
        None => adaptive::lines(dialog.pointer("/card/content").unwrap_or(&Value::Null)),
    };
    transcript::boxed(&format!("dialog in front of {}: {title}", transcript::name(object)), &lines);
}
