//! Adaptive Cards as Teams takes them: schema 1.5 at most, known elements only, and Teams' own limits.
//!
//! Adaptive Cards schema 1.5; Teams, "Cards reference": no media, six primary actions.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fields::{at, list, text};

/// The media type of a card.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.microsoft.card.adaptive";

const VERSIONS: [&str; 6] = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"];
const ELEMENTS: [&str; 15] = [
    "ActionSet",
    "ColumnSet",
    "Container",
    "FactSet",
    "Image",
    "ImageSet",
    "Input.ChoiceSet",
    "Input.Date",
    "Input.Number",
    "Input.Text",
    "Input.Time",
    "Input.Toggle",
    "RichTextBlock",
    "Table",
    "TextBlock",
];
const ACTIONS: [&str; 5] =
    ["Action.Execute", "Action.OpenUrl", "Action.ShowCard", "Action.Submit", "Action.ToggleVisibility"];
/// Actions of a card, or of one set in it.
const MOST_ACTIONS: usize = 6;
/// People for whom a card refreshes itself (Teams, "Up to date cards").
const MOST_REFRESHED: usize = 60;

/// Whether a client opens it; this machine's own addresses stand for https ones.
pub(crate) fn opens(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://127.0.0.1:")
}

/// What is wrong with a card.
#[derive(Default)]
struct Findings {
    found: Vec<String>,
    inputs: BTreeSet<String>,
}

/// What is wrong with a card; nothing when it is shown.
pub(crate) fn check(card: &Value) -> Vec<String> {
    let mut findings = Findings::default();
    findings.card(card);
    findings.found
}

impl Findings {
    fn add(&mut self, what: &str) {
        self.found.push(what.to_owned());
    }

    fn card(&mut self, card: &Value) {
        if text(card, "type") != "AdaptiveCard" {
            self.add("a card's type is AdaptiveCard");
        }
        if !VERSIONS.contains(&text(card, "version")) {
            self.add("the version is not one of 1.0 to 1.5");
        }
        self.elements(list(card, "body"));
        self.actions(list(card, "actions"));
        let refresh = at(card, "refresh");
        if !refresh.is_null() {
            if text(at(refresh, "action"), "type") != "Action.Execute" {
                self.add("a refresh is an Action.Execute");
            }
            if list(refresh, "userIds").len() > MOST_REFRESHED {
                self.add("a refresh names more than 60 people");
            }
        }
    }

    fn elements(&mut self, elements: &[Value]) {
        for element in elements {
            let kind = text(element, "type");
            if !ELEMENTS.contains(&kind) {
                self.found.push(format!("no such element: {kind}"));
            }
            match kind {
                "TextBlock" if text(element, "text").is_empty() => self.add("a TextBlock has no text"),
                "Image" if !text(element, "url").starts_with("https://") => self.add("an Image's url is not https"),
                "FactSet" => self.facts(list(element, "facts")),
                "ActionSet" => self.actions(list(element, "actions")),
                "Container" => self.elements(list(element, "items")),
                "ColumnSet" => list(element, "columns").iter().for_each(|column| self.elements(list(column, "items"))),
                "Table" => {
                    for cell in list(element, "rows").iter().flat_map(|row| list(row, "cells")) {
                        self.elements(list(cell, "items"));
                    }
                }
                _ if kind.starts_with("Input.") => self.input(element),
                _ => {}
            }
            self.fallback(element, Findings::elements);
        }
    }

    fn facts(&mut self, facts: &[Value]) {
        if facts.iter().any(|fact| !at(fact, "title").is_string() || !at(fact, "value").is_string()) {
            self.add("a fact has a title and a value");
        }
    }

    fn input(&mut self, input: &Value) {
        let id = text(input, "id");
        if id.is_empty() || !self.inputs.insert(id.to_owned()) {
            self.found.push(format!("an input's id is missing or there twice: {id}"));
        }
        let choices = list(input, "choices");
        if choices.iter().any(|choice| text(choice, "title").is_empty() || text(choice, "value").is_empty()) {
            self.add("a choice has a title and a value");
        }
    }

    fn actions(&mut self, actions: &[Value]) {
        if actions.len() > MOST_ACTIONS {
            self.add("there are more than six actions");
        }
        for action in actions {
            let kind = text(action, "type");
            match kind {
                _ if !ACTIONS.contains(&kind) => self.found.push(format!("no such action: {kind}")),
                "Action.Execute" if text(action, "verb").is_empty() => self.add("an Action.Execute has no verb"),
                "Action.OpenUrl" if !opens(text(action, "url")) => self.add("an Action.OpenUrl's url is not https"),
                "Action.ShowCard" => self.card(at(action, "card")),
                _ => {}
            }
            if text(action, "title").is_empty() {
                self.add("an action has no title");
            }
            self.fallback(action, Findings::actions);
        }
    }

    fn fallback(&mut self, of: &Value, check: fn(&mut Findings, &[Value])) {
        match at(of, "fallback") {
            Value::Null => {}
            Value::String(drop) if drop == "drop" => {}
            other => check(self, std::slice::from_ref(other)),
        }
    }
}
