//! Prints what people do and see, and what the services receive, with every secret masked.

use browser::Request;
use emulator::{
    Opened, Received, scene,
    slack::{Message, View},
};
use serde_json::Value;

/// What the id of a direct message begins with, before its person's id without the U.
const DIRECT: &str = "D0";

/// What a field shows that takes a secret.
pub(crate) const MASK: &str = "********";

/// How much of a ciphertext is worth showing.
const CIPHERTEXT_SHOWN: usize = 24;

/// The heading of a part of the story.
pub(crate) fn heading(text: &str) {
    println!("\n-- {text}");
}

/// Somebody types something into a channel.
pub(crate) fn says(user: &str, channel: &str, text: &str) {
    println!("\n{} in {}: {text}", name(user), room(channel));
}

/// Somebody does something.
pub(crate) fn acts(user: &str, what: &str) {
    println!("{} {what}", name(user));
}

/// A message that appeared or changed.
pub(crate) fn message(message: &Message) {
    let verb = if message.edits == 0 { "" } else { " (rewritten)" };
    let direct = message.channel.strip_prefix(DIRECT);
    let card = message.blocks().first().is_some_and(|block| block["type"] == "header");
    if let Some(user) = direct.filter(|_| card) {
        // Every copy is kept as the one in the room is; once is enough to see.
        if message.edits == 0 {
            println!("  (the same card is in the messages of {})", name(&format!("U0{user}")));
        }
        return;
    }
    let to = match (&message.only_for, direct) {
        (Some(user), _) => format!("only {} sees, in {}", name(user), room(&message.channel)),
        (None, Some(user)) => format!("{} gets a message", name(&format!("U0{user}"))),
        (None, None) => format!("everybody in {} sees", room(&message.channel)),
    };
    let mut lines = lines(message.blocks());
    if lines.is_empty() {
        lines.push(message.text.clone());
    }
    boxed(&format!("{to}{verb}"), &lines);
}

/// A form that opened in front of somebody.
pub(crate) fn form(user: &str, view: &View) {
    let title = view.body.pointer("/title/text").and_then(Value::as_str).unwrap_or_default();
    let blocks = view.body.get("blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    boxed(&format!("form in front of {}: {title}", name(user)), &lines(blocks));
}

/// What stands in the sealing page, line by line.
pub(crate) fn page(user: &str, text: &str) {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    boxed(&format!("the page in front of {}", name(user)), &lines);
}

/// A request that left the sealing page. Its ticket and ciphertexts are cut short.
pub(crate) fn sent(request: &Request) {
    println!("{} {}, {} bytes", request.method, request.url, request.body.len());
    if let Ok(mut body) = serde_json::from_str::<Value>(&request.body) {
        shorten(&mut body);
        println!("    {body}");
    }
}

/// A request that reached a service. Ciphertexts are cut short: they are long, and safe to show.
pub(crate) fn request(received: &Received) {
    let status = received.status.map_or("no answer".to_owned(), |status| status.to_string());
    println!("{} {} {} -> {status}", received.service, received.method, received.path);
    if let Ok(mut body) = serde_json::from_str::<Value>(&received.body) {
        shorten(&mut body);
        println!("    {body}");
    }
}

/// What a gateway found when it opened the credential with its private key: whether it is what was typed. The secret itself
/// is never shown.
pub(crate) fn opened(opened: &Opened, typed: &str) -> bool {
    let member = opened.member.as_deref().unwrap_or("the cloud");
    let same = serde_json::from_str::<Value>(&opened.plaintext).is_ok_and(|plain| {
        let pairs = plain.get("credentialData").and_then(Value::as_array).cloned().unwrap_or_default();
        pairs.iter().any(|pair| pair.get("value").and_then(Value::as_str) == Some(typed))
    });
    let verdict = if same { "it is what was typed" } else { "IT IS NOT WHAT WAS TYPED" };
    println!("{member} opened a {} credential for {}: {verdict}", opened.credential_type, opened.place);
    same
}

/// Block Kit as plain lines: what a person reads, and buttons in brackets.
fn lines(blocks: &[Value]) -> Vec<String> {
    raw_lines(blocks).iter().map(|line| plain(line)).collect()
}

/// Slack's markup as it is drawn: people by name, times by their fallback, characters unescaped.
fn plain(text: &str) -> String {
    let mut drawn = String::new();
    let mut rest = text;
    while let Some((before, (inside, after))) =
        rest.split_once('<').and_then(|(before, tail)| Some((before, tail.split_once('>')?)))
    {
        drawn.push_str(before);
        match inside.strip_prefix('@') {
            Some(user) => drawn.extend(["@", name(user)]),
            None => drawn.push_str(inside.rsplit('|').next().unwrap_or(inside)),
        }
        rest = after;
    }
    drawn.push_str(rest);
    drawn.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn raw_lines(blocks: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks {
        let of = |path: &str| block.pointer(path).and_then(Value::as_str);
        lines.extend(of("/text/text").into_iter().flat_map(str::lines).map(str::to_owned));
        let list = |name: &str| block.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        lines.extend(list("fields").iter().filter_map(|field| field.get("text")?.as_str().map(str::to_owned)));
        if let Some(label) = of("/label/text") {
            let optional = block.get("optional").and_then(Value::as_bool).unwrap_or(false);
            lines.push(format!("{label}: ____________{}", if optional { " (optional)" } else { "" }));
            lines.extend(of("/hint/text").map(|hint| format!("    {hint}")));
        }
        let elements: Vec<String> = list("elements")
            .iter()
            .filter_map(|element| match element.get("text")? {
                Value::String(text) => Some(text.clone()),
                button => Some(format!("[{}{}]", button.get("text")?.as_str()?, address(element))),
            })
            .collect();
        if !elements.is_empty() {
            lines.push(elements.join("  "));
        }
    }
    lines
}

/// Where a button leads; of a ticket, only that there is one.
fn address(button: &Value) -> String {
    let url = button.get("url").and_then(Value::as_str);
    let page = url.map(|url| url.split_once('#').map_or(url.to_owned(), |(page, _)| format!("{page}#TICKET")));
    page.map(|page| format!(" -> {page}")).unwrap_or_default()
}

pub(super) fn boxed(title: &str, lines: &[String]) {
    println!("  +-- {title}");
    for line in lines {
        println!("  | {line}");
    }
    println!("  +--");
}

/// Cuts every text in it that is too long to be anything but a ciphertext; a ticket is one as well.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > 4 * CIPHERTEXT_SHOWN => {
            let shown: String = text.chars().take(CIPHERTEXT_SHOWN).collect();
            *text = format!("{shown}... ({} characters of ciphertext)", text.len());
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

pub(super) fn name(user: &str) -> &str {
    match user {
        scene::ANA | scene::ANA_ENTERPRISE | scene::ANA_OBJECT => "Ana",
        scene::BEN | scene::BEN_ENTERPRISE | scene::BEN_OBJECT => "Ben",
        scene::FAY => "Fay",
        scene::GIL | scene::GIL_OBJECT => "Gil",
        scene::HANA => "Hana",
        other => other,
    }
}

pub(super) fn room(channel: &str) -> &str {
    match channel {
        scene::CHANNEL_DATA_OPS => "#data-ops",
        scene::CHANNEL_SALES => "#sales",
        scene::THREAD_DATA_OPS => "Data Ops (Teams)",
        direct => direct,
    }
}

#[cfg(test)]
mod tests {
    use super::{lines, plain, shorten};
    use serde_json::json;

    #[test]
    fn a_card_reads_as_lines_with_buttons_in_brackets() {
        let blocks = [
            json!({"type": "header", "text": {"type": "plain_text", "text": "Rotate Sales"}}),
            json!({"type": "context", "elements": [{"type": "mrkdwn", "text": "abc"}]}),
            json!({"type": "input", "label": {"type": "plain_text", "text": "Reason"}, "optional": true}),
            json!({"type": "actions", "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Approve"}},
                {"type": "button", "text": {"type": "plain_text", "text": "Deny"}},
                {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": "https://a.example/enter#t0p"},
            ]}),
        ];
        let buttons = "[Approve]  [Deny]  [Open -> https://a.example/enter#TICKET]";
        assert_eq!(lines(&blocks), ["Rotate Sales", "abc", "Reason: ____________ (optional)", buttons]);
    }

    #[test]
    fn markup_is_drawn() {
        let text = "until <!date^1795290478^{time}|19:47Z>, asked by <@U0ANA> &lt;now&gt;";
        assert_eq!(plain(text), "until 19:47Z, asked by @Ana <now>");
        assert_eq!(plain("1 < 2"), "1 < 2");
    }

    #[test]
    fn only_what_is_long_is_cut() {
        let mut body = json!({"kind": "Windows", "credentials": "A".repeat(400)});
        shorten(&mut body);
        assert_eq!(body["kind"], "Windows");
        assert_eq!(body["credentials"], format!("{}... (400 characters of ciphertext)", "A".repeat(24)));
    }
}
