//! The forms: asking for a rotation, entering the credential, saying no; and the notices that take their place.

use super::card::will_be_set;
use crate::codec::chat::Inputs;
use crate::codec::sheet::{Form, FormKind, Input, Item, Notice, Part, Span, Text};
use crate::codec::words;
use crate::domain::credential::{Field, Kind};
use crate::domain::names::TargetName;
use crate::domain::policy::Manner;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::Rotation;

/// The input that chooses the target.
pub const TARGET_INPUT: &str = "target";
/// The input that takes the reason.
pub const REASON_INPUT: &str = "reason";
/// What is said of a reason that is missing or too long.
pub const REASON_NEEDED: &str = "Say in a few words why, in at most 300 characters.";
/// Longest reason, in characters.
pub const REASON_TEXT: usize = 300;

/// Longest text of a credential's field, in characters.
const FIELD_TEXT: usize = 3000;

/// The form that asks for a rotation; it chooses the target unless one was named.
pub fn request(target: Option<&TargetName>, manner: Manner) -> Form {
    let mut body = Vec::new();
    match manner {
        Manner::Usual => {}
        Manner::BreakGlass => body.push(says(Text::bold("Break-glass:").and(
            " this passes over approvals and maintenance windows. Everybody in the target's rooms will see it, and the audit marks it.",
        ))),
        Manner::Rollback => body.push(says(Text::bold("Rollback:").and(
            " the value before the current one is read from the target's secret manager and put back everywhere. The data source has to take it again.",
        ))),
    }
    body.push(match target {
        Some(name) => says(Text::from("Rotate the credential of ").join(Text::bold(name.to_string())).and(".")),
        None => Item::Asks(Input::Target { id: TARGET_INPUT, label: "Target", placeholder: "Type a part of its name" }),
    });
    body.push(asks_reason("Shown on the card. Do not put the credential here: it is asked for later."));
    let (kind, title) = match manner {
        Manner::BreakGlass => (FormKind::BreakGlass, "Break-glass rotation"),
        Manner::Usual => (FormKind::Request, "Rotate a credential"),
        Manner::Rollback => (FormKind::Rollback, "Roll back a credential"),
    };
    let about = target.map(ToString::to_string).unwrap_or_default();
    Form { kind, about, title, submit: "Request rotation", body }
}

/// The form that takes the credential of an opened rotation, and says what will be changed.
pub fn credential(rotation: &Rotation, link: Option<&str>) -> Form {
    let target = &rotation.target;
    let kind = target.login.kind();
    let account = target.login.account().map(|name| format!(" for {name}")).unwrap_or_default();
    let mut body = vec![
        says(Text::bold(target.title.clone()).and(format!(": a new {} credential{account}.", kind.name()))),
        Item::Says(Part::small(plan(rotation))),
    ];
    if let Some(link) = link {
        let link = Span::Link { words: "Enter it on a page instead", url: link.to_owned() };
        body.push(says(
            Text::from(link).and(", which encrypts it on your own device: then neither the chat nor this app sees it."),
        ));
    }
    body.extend(kind.fields().iter().map(|field| {
        Item::Asks(Input::Text {
            id: field.id(),
            label: label(*field),
            hint: hint(*field),
            multiline: matches!(field, Field::PrivateKey),
            optional: !field.required(),
            secret: true,
            longest: FIELD_TEXT,
        })
    }));
    if kind == Kind::OAuth2 {
        body.push(Item::Says(Part::small("An access token set this way works for about one hour.")));
    }
    let about = rotation.id.to_string();
    Form { kind: FormKind::Credential, about, title: "Enter the credential", submit: "Rotate", body }
}

/// The form that says no to a rotation, and why.
pub fn reject(rotation: &Rotation) -> Form {
    let text = Text::from("Reject the rotation of ").join(Text::bold(rotation.target.title.clone()));
    let text = text.and(", asked by ").and(&rotation.requester).and(". Nothing will be changed.");
    let body = vec![says(text), asks_reason("Shown on the card.")];
    let about = rotation.id.to_string();
    Form { kind: FormKind::Reject, about, title: "Reject a rotation", submit: "Reject", body }
}

/// What replaces the request form once the rotation was opened.
pub fn opened(rotation: &Rotation) -> Notice {
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
        format!("{next} You have the card in your messages. Reference {}.", rotation.id.reference()),
    )
}

/// The reason that a form brings; `None` when it is missing or too long.
pub fn reason(inputs: &Inputs) -> Option<&str> {
    let reason = inputs.text(REASON_INPUT).map(str::trim).unwrap_or_default();
    (!reason.is_empty() && reason.chars().count() <= REASON_TEXT).then_some(reason)
}

/// What replaces the credential form once the credential was taken.
pub fn under_way(rotation: &Rotation) -> Notice {
    let text = format!("The rotation is under way. Its card shows how it ends. Reference {}.", rotation.id.reference());
    notice("Rotating", text)
}

/// What replaces a form whose request was refused.
pub fn refused(refusal: &Refusal, command: &str) -> Notice {
    notice("Not possible", words::refusal(refusal, command))
}

const fn notice(title: &'static str, text: String) -> Notice {
    Notice { title, text }
}

const fn says(text: Text) -> Item {
    Item::Says(Part::Paragraph(text))
}

const fn asks_reason(hint: &'static str) -> Item {
    let id = REASON_INPUT;
    Item::Asks(Input::Text {
        id,
        label: "Reason",
        hint,
        multiline: false,
        optional: false,
        secret: false,
        longest: REASON_TEXT,
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
        Field::PrivateKey => "PKCS #8 PEM, at most 3,000 characters.",
        Field::Passphrase => "Only if the key has one.",
        _ => "",
    }
}
