//! Slack's forms: asking for a rotation, entering the credential, and plain notices.

use serde_json::{Map, Value, json};

use super::blocks::{self, TextInput, escape};
use super::card::will_be_set;
use crate::codec::words;
use crate::domain::credential::{Field, Kind};
use crate::domain::names::TargetName;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::Rotation;

/// The form that asks for a rotation.
pub const REQUEST_FORM: &str = "request";
/// The form that takes the credential.
pub const CREDENTIAL_FORM: &str = "credential";
/// The form that asks for a rotation past approvals and windows.
pub const BREAK_GLASS_FORM: &str = "break_glass";
/// The form that says no.
pub const REJECT_FORM: &str = "reject";
/// The block and action that choose the target.
pub const TARGET_INPUT: &str = "target";
/// The block that takes the reason.
pub const REASON_INPUT: &str = "reason";
/// What is said of a reason that is missing or too long.
pub const REASON_NEEDED: &str = "Say in a few words why, in at most 300 characters.";
/// Longest reason, in characters.
pub const REASON_TEXT: usize = 300;

/// The form that asks for a rotation; it chooses the target unless one was named.
pub fn request_form(target: Option<&TargetName>, break_glass: bool) -> Value {
    let mut body = Vec::new();
    if break_glass {
        body.push(blocks::section(
            "*Break-glass:* this passes over approvals and maintenance windows. Everybody in the target's rooms will see it, and the audit marks it.",
        ));
    }
    match target {
        Some(name) => body.push(blocks::section(&format!("Rotate the credential of *{name}*."))),
        None => body.push(blocks::typeahead(TARGET_INPUT, "Target", "Type a part of its name", TARGET_INPUT)),
    }
    body.push(blocks::text_input(&TextInput {
        block: REASON_INPUT,
        label: "Reason",
        hint: Some("Shown on the card. Do not put the credential here: it is asked for later."),
        multiline: false,
        optional: false,
        longest: REASON_TEXT,
    }));
    let metadata = target.map_or("", TargetName::as_str);
    let title = if break_glass { "Break-glass rotation" } else { "Rotate a credential" };
    form(if break_glass { BREAK_GLASS_FORM } else { REQUEST_FORM }, metadata, title, "Request rotation", &body)
}

/// The form that takes the credential of an opened rotation, and says what will be changed.
pub fn credential_form(rotation: &Rotation, link: Option<&str>) -> Value {
    let target = &rotation.target;
    let kind = target.login.kind();
    let account = target.login.account().map(|name| format!(" for {}", escape(name))).unwrap_or_default();
    let mut body = vec![
        blocks::section(&format!("*{}*: a new {} credential{account}.", escape(&target.title), kind.name())),
        blocks::context(&plan(rotation)),
    ];
    if let Some(link) = link {
        body.push(blocks::section(&format!(
            "<{link}|Enter it on a page instead>, which encrypts it on your own device: then neither Slack nor this app sees it."
        )));
    }
    for field in kind.fields() {
        body.push(blocks::text_input(&TextInput {
            block: field.id(),
            label: label(*field),
            hint: Some(hint(*field)),
            multiline: matches!(field, Field::PrivateKey),
            optional: !field.required(),
            longest: blocks::INPUT_TEXT,
        }));
    }
    if kind == Kind::OAuth2 {
        body.push(blocks::context("An access token set this way works for about one hour."));
    }
    form(CREDENTIAL_FORM, rotation.id.as_str(), "Enter the credential", "Rotate", &body)
}

/// The form that says no to a rotation, and why.
pub fn reject_form(rotation: &Rotation) -> Value {
    let name = escape(&rotation.target.title);
    let asker = rotation.requester.id.slack_id();
    let body = [
        blocks::section(&format!("Reject the rotation of *{name}*, asked by <@{asker}>. Nothing will be changed.")),
        blocks::text_input(&TextInput {
            block: REASON_INPUT,
            label: "Reason",
            hint: Some("Shown on the card."),
            multiline: false,
            optional: false,
            longest: REASON_TEXT,
        }),
    ];
    form(REJECT_FORM, rotation.id.as_str(), "Reject a rotation", "Reject", &body)
}

/// What replaces the request form once the rotation was opened.
pub fn opened(rotation: &Rotation) -> Value {
    let next = match rotation.approvals_needed() {
        0 => "The places are checked now; then the card asks you for the credential.".to_owned(),
        1 => "The places are checked now; then somebody has to approve it, and then you are asked for the credential."
            .to_owned(),
        n => format!(
            "The places are checked now; then {n} people have to approve it, and then you are asked for the credential."
        ),
    };
    notice(
        "Rotation opened",
        &format!("{next} You have the card in your messages. Reference {}.", rotation.id.reference()),
    )
}

/// A form without inputs that says one thing.
pub fn notice(title: &str, text: &str) -> Value {
    json!({
        "type": "modal",
        "title": { "type": "plain_text", "text": blocks::clip(title, 24) },
        "close": { "type": "plain_text", "text": "Close" },
        "blocks": [blocks::section(&escape(text))],
    })
}

/// What replaces the credential form once the credential was taken.
pub fn under_way(rotation: &Rotation) -> Value {
    let text = format!("The rotation is under way. Its card shows how it ends. Reference {}.", rotation.id.reference());
    notice("Rotating", &text)
}

/// What replaces a form whose request was refused.
pub fn refused(refusal: &Refusal, command: &str) -> Value {
    notice("Not possible", &words::refusal(refusal, command))
}

/// The answer that replaces a submitted form.
pub fn replace(view: &Value) -> Value {
    json!({ "response_action": "update", "view": view })
}

/// The answer that keeps a submitted form open and marks inputs, by block.
pub fn errors(marks: &[(&str, &str)]) -> Value {
    let mut errors = Map::new();
    for (block, mark) in marks {
        errors.insert((*block).to_owned(), json!(mark));
    }
    json!({ "response_action": "errors", "errors": errors })
}

fn form(callback: &str, metadata: &str, title: &str, submit: &str, body: &[Value]) -> Value {
    json!({
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": { "type": "plain_text", "text": title },
        "submit": { "type": "plain_text", "text": submit },
        "close": { "type": "plain_text", "text": "Cancel" },
        "blocks": body,
    })
}

fn plan(rotation: &Rotation) -> String {
    let places = || rotation.runs.iter().map(|run| &run.place);
    let (clear, all) = (places().filter(|place| !place.sealed()).count(), places().count());
    let mut text = will_be_set(&rotation.target, places());
    if clear < all {
        text.push_str(" For gateways it is encrypted to their own keys before it is sent.");
    }
    if clear > 0 {
        text.push_str(" Cloud destinations get it through TLS, as they have no key of their own.");
    }
    text
}

const fn label(field: Field) -> &'static str {
    match field {
        Field::Password => "New password",
        Field::Key => "New key",
        Field::AccessToken => "Access token",
        Field::Token => "Shared access signature",
        Field::ClientSecret => "New client secret",
        Field::PrivateKey => "Private key",
        Field::Passphrase => "Passphrase",
    }
}

const fn hint(field: Field) -> &'static str {
    match field {
        Field::PrivateKey => {
            "PKCS #8 PEM. Visible as you type; not stored in Slack messages. At most 3,000 characters."
        }
        Field::Passphrase => "Only if the key has one. Visible as you type; not stored in Slack messages.",
        _ => "Visible as you type; not stored in Slack messages.",
    }
}
