//! Draws what is said in Slack's way: spans as mrkdwn, parts as blocks, forms and notices as views.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};

use super::blocks::{self, MESSAGE_BLOCKS, VIEW_BLOCKS, escape};
use super::message::Message;
use crate::codec::json::object;
use crate::codec::sheet::{Form, Item, Notice, Part, Sheet, Span, Suggestion, Text, clip};

/// Characters of the text beside the blocks: one less than are shown whole (Slack API, chat.postMessage).
const FALLBACK_TEXT: usize = 3999;
const VIEW_TITLE: usize = 24;

/// A message.
pub fn message(sheet: &Sheet) -> Message {
    Message { text: clip(&mrkdwn(&sheet.text), FALLBACK_TEXT), blocks: parts(&sheet.body, MESSAGE_BLOCKS) }
}

/// An App Home.
pub fn home(body: &[Part]) -> Value {
    object! { "type": "home", "blocks": parts(body, VIEW_BLOCKS) }
}

/// A form.
pub fn form(form: &Form) -> Value {
    let block = |item: &Item| match item {
        Item::Says(says) => part(says),
        Item::Asks(input) => blocks::input(*input),
    };
    object! {
        "type": "modal",
        "callback_id": form.kind.name(),
        "private_metadata": form.about.as_str(),
        "title": object! { "type": "plain_text", "text": clip(form.title, VIEW_TITLE) },
        "submit": object! { "type": "plain_text", "text": clip(form.submit, VIEW_TITLE) },
        "close": object! { "type": "plain_text", "text": "Cancel" },
        "blocks": form.body.iter().take(VIEW_BLOCKS).map(block).collect::<Vec<_>>(),
    }
}

/// A form without inputs that says one thing.
pub fn notice(notice: &Notice) -> Value {
    object! {
        "type": "modal",
        "title": object! { "type": "plain_text", "text": clip(notice.title, VIEW_TITLE) },
        "close": object! { "type": "plain_text", "text": "Close" },
        "blocks": [blocks::section(&mrkdwn(&notice.text.clone().into()))],
    }
}

/// The answer that puts a notice in place of a form that was sent.
pub fn replaced(by: &Notice) -> Value {
    object! { "response_action": "update", "view": notice(by) }
}

/// The answer that keeps a form that was sent open and marks inputs, by their names.
pub fn marked(marks: &[(&'static str, &'static str)]) -> Value {
    // One by one: to collect a map is to sort first.
    let mut errors = Map::new();
    for (input, mark) in marks {
        errors.insert((*input).to_owned(), Value::from(*mark));
    }
    object! { "response_action": "errors", "errors": errors }
}

/// The answer that gives a typeahead its options.
pub fn options(found: &[Suggestion]) -> Value {
    object! { "options": found.iter().map(blocks::option).collect::<Vec<_>>() }
}

/// What is beyond the limit is left out: Slack refuses a message or view with one block too many altogether.
fn parts(body: &[Part], most: usize) -> Vec<Value> {
    body.iter().take(most).map(part).collect()
}

fn part(part: &Part) -> Value {
    match part {
        Part::Heading(words) => blocks::header(words),
        Part::Paragraph(text) => blocks::section(&mrkdwn(text)),
        Part::Small(text) => blocks::context(&mrkdwn(text)),
        Part::Offer(text, button) => blocks::offer(&mrkdwn(text), blocks::button(button)),
        Part::Buttons(buttons) => blocks::actions(buttons.iter().map(blocks::button).collect()),
    }
}

fn mrkdwn(text: &Text) -> String {
    let mut out = String::new();
    for piece in &text.0 {
        // Writing to a text does not fail.
        let _ = span(&mut out, piece);
    }
    out
}

fn span(out: &mut String, span: &Span) -> fmt::Result {
    match span {
        Span::Plain(words) => escape(out, words),
        Span::Bold(words) => {
            out.push('*');
            escape(out, words);
            out.push('*');
        }
        Span::Blank(words) => {
            out.push('_');
            out.push_str(words);
            out.push('_');
        }
        Span::Person(person) if person.id.is_slack() => write!(out, "<@{}>", person.id.slack_id())?,
        Span::Person(person) => escape(out, &person.name),
        Span::Group(group) if group.is_slack() => write!(out, "<!subteam^{}>", group.slack_id())?,
        Span::Group(group) => escape(out, group.as_str()),
        // ISO time where the reader's time zone is not known (Slack API, Formatting text: Date formatting).
        Span::Moment(at) => {
            write!(out, "<!date^{}^{{date_short_pretty}} {{time}}|{}>", at.as_secs(), at.iso())?;
        }
        Span::Day(at) => {
            let iso = at.iso();
            write!(out, "<!date^{}^{{date_short_pretty}}|{}>", at.as_secs(), iso.get(..10).unwrap_or(&iso))?;
        }
        Span::Link { words, url } => {
            write!(out, "<{url}|")?;
            escape(out, words);
            out.push('>');
        }
        Span::Break => out.push('\n'),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::{GroupId, PersonId};
    use crate::domain::rotation::Person;
    use crate::domain::time::Timestamp;

    fn drawn(text: Text) -> String {
        mrkdwn(&text)
    }

    #[test]
    fn people_and_groups_are_mentioned_where_they_are_slacks_and_named_elsewhere() {
        let person = |id| Person { id: PersonId::parse(id).unwrap(), name: "<Ana> *A*".into(), also: Vec::new() };
        let entra = "1f69e798-5852-4fdd-ab01-33bb14b6e934";
        assert_eq!(drawn((&person("slack:U0ANA")).into()), "<@U0ANA>");
        assert_eq!(
            drawn((&person(&format!("entra:{entra}"))).into()),
            "&lt;Ana&gt; \u{200b}*A\u{200b}*",
            "a name is foreign text"
        );
        assert_eq!(drawn((&GroupId::parse("slack:S0DATA").unwrap()).into()), "<!subteam^S0DATA>");
        let group = format!("entra-group:{entra}");
        assert_eq!(drawn((&GroupId::parse(&group).unwrap()).into()), group);
    }

    #[test]
    fn every_other_span_is_drawn_in_slacks_way() {
        let at = Timestamp(1_795_285_800_000);
        let link = Span::Link { words: "here & now", url: "https://app.example/#t".into() };
        let text = Text::bold("a*b").and(" c<d").and(Span::Break).and(Span::Blank("target")).and(link);
        assert_eq!(drawn(text), "*a\u{200b}*b* c&lt;d\n_target_<https://app.example/#t|here &amp; now>");
        let text = Text::from(Span::Moment(at)).and(Span::Day(at));
        let (moment, day) = ("{date_short_pretty} {time}|2026-11-21T18:30:00Z", "{date_short_pretty}|2026-11-21");
        assert_eq!(drawn(text), format!("<!date^1795285800^{moment}><!date^1795285800^{day}>"));
    }

    #[test]
    fn what_is_read_aloud_is_escaped_and_whole() {
        let message = message(&Sheet::plain("Approved by <!channel>"));
        assert_eq!(message.text, "Approved by &lt;!channel&gt;");
        assert_eq!(message.blocks, [blocks::section(&message.text)]);
    }
}
