//! Block Kit's limits: whatever a target, a reason or a service brings, Slack takes every card, message, form and home.

use bytes::Bytes;
use emulator::{Clock, World, scene};
use http::Request;
use pbi_rotate::codec::content::message::{self, LISTED, REMINDED};
use pbi_rotate::codec::content::{card, form, home};
use pbi_rotate::codec::sheet::{Form, Notice, Part, Sheet, Suggestion};
use pbi_rotate::codec::slack::{blocks, draw};
use pbi_rotate::domain::credential::{Kind, Login};
use pbi_rotate::domain::listing::Listed;
use pbi_rotate::domain::names::{Code, TargetName};
use pbi_rotate::domain::policy::Manner;
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::rotation::{Check, Person, Phase, Refreshing, Rotation, Stage, Verdict};
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};
use serde_json::{Value, json};

use crate::samples::{NOW, decisions, listed, rotation, stages, supplied, titles, trouble};

fn world() -> World {
    World::contoso(Clock::Manual(1_795_285_800_000))
}

/// What the pretend Slack says to a call.
fn call(world: &World, method: &str, body: &Value) -> Value {
    let request = Request::post(format!("/slack/api/{method}"))
        .header("authorization", format!("Bearer {}", scene::BOT_TOKEN))
        .header("content-type", "application/json; charset=utf-8")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    serde_json::from_slice(world.serve(request).unwrap().body()).unwrap()
}

/// Every text of a block, with the length that Slack lets it have.
fn texts(block: &Value) -> Vec<(String, usize)> {
    let most = if block["type"] == "header" { 150 } else { 3000 };
    let mut texts = vec![(block["text"]["text"].clone(), most)];
    for element in block["elements"].as_array().into_iter().flatten().chain([&block["accessory"]]) {
        let most = if element["type"] == "button" { 75 } else { 3000 };
        let text = if element["text"].is_object() { &element["text"]["text"] } else { &element["text"] };
        texts.push((text.clone(), most));
        texts.push((element["accessibility_label"].clone(), 75));
        let limits = [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)];
        texts.extend(limits.map(|(part, most)| (element["confirm"][part]["text"].clone(), most)));
    }
    texts.into_iter().filter_map(|(text, most)| Some((text.as_str()?.to_owned(), most))).collect()
}

/// What is one character to us can be two to Slack.
fn short_enough(blocks: &[Value]) {
    for (text, most) in blocks.iter().flat_map(texts) {
        assert!(!text.is_empty() && text.encode_utf16().count() <= most, "{most}: {text}");
    }
}

fn taken(world: &World, sheet: &Sheet) {
    let message = draw::message(sheet);
    let body = json!({ "channel": scene::CHANNEL_SALES, "text": message.text, "blocks": message.blocks });
    let answer = call(world, "chat.postMessage", &body);
    assert_eq!(answer["ok"], true, "{answer:#}");
    short_enough(&message.blocks);
    assert!(message.blocks.len() <= blocks::MESSAGE_BLOCKS);
    assert!(!message.text.trim().is_empty(), "what is read aloud, and shown in notifications");
    assert!(message.text.encode_utf16().count() < 4000, "Slack API, chat.postMessage: more may be cut");
}

fn noticed(notice: &Notice) {
    shown(&draw::notice(notice));
}

fn opened(form: &Form) {
    shown(&draw::form(form));
}

fn shown(form: &Value) {
    let world = world();
    let typed = world.person(scene::ANA).slash(scene::CHANNEL_SALES, "rotate").request;
    let (_, trigger) = url::form_urlencoded::parse(typed.body()).find(|(name, _)| name == "trigger_id").unwrap();
    let answer = call(&world, "views.open", &json!({ "trigger_id": trigger, "view": form }));
    assert_eq!(answer["ok"], true, "{answer:#}");
    short_enough(form["blocks"].as_array().unwrap());
}

/// The words of a message's sections, a line for each.
fn told(sheet: &Sheet) -> String {
    let message = draw::message(sheet);
    let texts = message.blocks.iter().filter_map(|block| block["text"]["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// The card, and everything that is said beside it.
fn all_taken(world: &World, rotation: &Rotation) {
    for message in [card::card(rotation), card::turn(rotation), card::reminder(rotation), card::result(rotation)] {
        taken(world, &message);
    }
}

const MANNERS: [Manner; 3] = [Manner::Usual, Manner::BreakGlass, Manner::Rollback];

#[test]
fn what_has_more_parts_than_a_message_may_have_is_sent_without_the_last_of_them() {
    let parts = (0..blocks::MESSAGE_BLOCKS + 5).map(|n| Part::paragraph(format!("{n}")));
    let sheet = Sheet { text: "Many".into(), body: parts.collect() };
    taken(&world(), &sheet);
    assert!(told(&sheet).ends_with(&format!("\n{}", blocks::MESSAGE_BLOCKS - 1)));
}

#[test]
fn a_card_of_two_hundred_destinations_fits_at_every_stage() {
    let world = world();
    for title in titles() {
        let mut rotation = rotation(&title, 180, 20);
        rotation.outdated = true;
        let why: String = title.repeat(4).chars().take(300).collect();
        for (stage, last) in stages(&why) {
            rotation.stage = stage;
            rotation.decisions = decisions(&title, last);
            // Everything in trouble before anything was done, and nothing.
            for check in [Check::Troubled(trouble()), Check::Passed] {
                rotation.runs.iter_mut().for_each(|run| run.check = check.clone());
                rotation.models.iter_mut().for_each(|model| model.found = check.clone());
                all_taken(&world, &rotation);
            }
        }
    }
}

#[test]
fn a_card_of_two_hundred_receipts_fits_whatever_they_are() {
    let world = world();
    let title = "&".repeat(80);
    let mut rotation = rotation(&title, 180, 20);
    rotation.decisions = decisions(&title, Verdict::Closed);
    rotation.models.iter_mut().for_each(|model| model.refresh = Refreshing::Failed(trouble()));
    for outcome in [
        Outcome::Verified,
        Outcome::Stored,
        Outcome::Untested(trouble()),
        Outcome::Unchanged(trouble()),
        Outcome::Unknown(trouble()),
    ] {
        for run in &mut rotation.runs {
            let request_id = Some(Code::parse(&"q".repeat(120)).unwrap());
            run.phase = Phase::Done(Receipt { outcome: outcome.clone(), request_id });
        }
        let stalled = Stage::Stalled { until: NOW };
        for stage in [Stage::Applying, stalled, Stage::Applied, Stage::PartlyApplied, Stage::Failed] {
            rotation.stage = stage;
            all_taken(&world, &rotation);
        }
    }
}

#[test]
fn of_many_decisions_the_last_are_told_and_none_is_cut() {
    let mut rotation = rotation("Sales", 1, 0);
    rotation.stage = Stage::Denied;
    rotation.decisions = decisions("Ana", Verdict::Denied("&".repeat(300)));
    let card = told(&card::card(&rotation));
    assert!(card.contains("30 more before these\nTried again by <@U0ANA67890> · <!date^"), "{card}");
    assert_eq!(card.matches("Tried again by").count(), 19, "{card}");
    assert!(card.contains(&format!("|2026-11-21T18:30:00Z>: {}", "&amp;".repeat(300))), "{card}");
    assert_eq!(card.matches("<!date^").count(), card.matches("|2026-11-21T18:30:00Z>").count(), "whole lines only");
}

#[test]
fn what_an_approval_means_is_asked_whole_whatever_the_names_are() {
    for title in titles() {
        let mut rotation = rotation(&title, 1, 0);
        rotation.stage = Stage::AwaitingApproval { since: NOW, until: NOW };
        rotation.break_glass = false;
        let card = draw::message(&card::card(&rotation));
        let buttons = card.blocks.iter().find(|block| block["type"] == "actions").unwrap();
        let asked = buttons["elements"][0]["confirm"]["text"]["text"].as_str().unwrap();
        assert!(asked.ends_with("The old value cannot be read back."), "{asked}");
    }
}

#[test]
fn the_one_destination_that_needs_somebody_is_told_among_two_hundred() {
    let mut rotation = rotation("Sales", 200, 0);
    for run in &mut rotation.runs {
        run.phase = Phase::Done(Receipt { outcome: Outcome::Verified, request_id: None });
    }
    let needy = Outcome::Unchanged(Trouble::of(Service::Fabric, Cause::GatewayOffline));
    rotation.runs[199].phase = Phase::Done(Receipt { outcome: needy, request_id: None });
    rotation.stage = Stage::PartlyApplied;
    let card = told(&card::card(&rotation));
    assert!(card.contains("*Partly rotated, 199 of 200 are good*"), "{card}");
    assert!(card.contains("The old credential is still in force. The gateway is offline"), "{card}");
    assert!(card.ends_with("199 places are good."), "{card}");
}

#[test]
fn a_full_list_shows_every_name_whatever_the_titles_are() {
    let world = world();
    for title in titles() {
        let entries: Vec<_> = (0..LISTED).map(|n| listed(n, &title)).collect();
        let list = message::list(&entries, 400, "/pbi", NOW);
        taken(&world, &list);
        let shown = told(&list);
        for entry in &entries {
            assert!(shown.contains(&format!("*{}*", entry.name)), "{} is missing", entry.name);
        }
        assert_eq!(shown.matches("Under way: reference ").count(), LISTED, "whole entries only");
        let reminded: Vec<_> = entries.iter().take(REMINDED).collect();
        taken(&world, &message::due(&reminded, NOW));
        taken(&world, &message::resting(&entries[0]));
        let option = blocks::option(&Suggestion { words: title, value: entries[0].name.to_string() });
        assert!(option["text"]["text"].as_str().unwrap().encode_utf16().count() <= 75);
    }
}

#[test]
fn a_full_home_fits() {
    for title in titles() {
        let all = |stage: Stage| {
            let mut rotation = rotation(&title, 180, 20);
            rotation.stage = stage;
            rotation.break_glass = false;
            vec![rotation; 50]
        };
        let full = home::Home {
            waiting: all(Stage::AwaitingApproval { since: NOW, until: NOW }),
            own: all(Stage::Stalled { until: NOW }),
            targets: (0..100).map(|n| Listed { live: None, ..listed(n, &title) }).collect(),
            unseen: 7,
            unasked: 7,
        };
        let view = draw::home(&home::home(&full, NOW, &format!("/{}", "h".repeat(31))));
        let answer = call(&world(), "views.publish", &json!({ "user_id": scene::ANA, "view": view }));
        assert_eq!(answer["ok"], true, "{answer:#}");
        short_enough(view["blocks"].as_array().unwrap());
    }
}

#[test]
fn every_form_opens_for_every_kind_of_credential() {
    for manner in MANNERS {
        opened(&form::request(None, manner));
        opened(&form::request(Some(&TargetName::parse(&"n".repeat(63)).unwrap()), manner));
    }
    for title in titles() {
        let mut rotation = rotation(&title, 180, 20);
        opened(&form::credential(&rotation, None));
        noticed(&form::under_way(&rotation));
        opened(&form::reject(&rotation));
        for (break_glass, approvals) in [(true, 20), (false, 0), (false, 1), (false, 20)] {
            rotation.break_glass = break_glass;
            rotation.target.policy.approvals = approvals;
            noticed(&form::opened(&rotation));
        }
        noticed(&Notice { title: "A title longer than Slack takes", text: title.repeat(100) });
        let username = "<".repeat(500);
        for login in [Login::Basic { username: username.clone() }, Login::Windows { username }, Login::Key, Login::Sas]
        {
            rotation.target.login = login;
            opened(&form::credential(&rotation, None));
        }
    }
    assert_eq!(Kind::ALL.iter().filter(|kind| kind.fields().len() > 6).count(), 0, "no form is long on a phone");
}

#[test]
fn what_is_said_about_a_missed_form_can_be_posted() {
    let world = world();
    let longest = TargetName::parse(&"n".repeat(63)).unwrap();
    for (name, manner) in MANNERS.into_iter().flat_map(|manner| [(None, manner), (Some(&longest), manner)]) {
        taken(&world, &message::open_form(name, manner, true));
    }
    taken(&world, &message::tap_again("Enter credential"));
    taken(&world, &message::help(&format!("/{}", "h".repeat(31))));
    taken(&world, &message::list(&[], 0, "/pbi", NOW));
    // Longer than any sentence of ours.
    for title in titles() {
        taken(&world, &Sheet::plain(title.repeat(20)));
    }
}

#[test]
fn nothing_a_person_wrote_marks_mentions_or_links() {
    let evil = "<!channel> <https://evil.example|portal>\n*Approved by* <@U0BEN> ~x~ `y` _z_";
    let mut rotation = rotation("Sales", 1, 0);
    rotation.reason = evil.into();
    rotation.target.title = evil.into();
    rotation.requester = Person { name: evil.into(), ..rotation.requester.person().unwrap().clone() }.into();
    let both = [rotation.clone(), supplied(rotation.clone(), evil)];
    let every = both.into_iter().flat_map(|rotation| stages(evil).into_iter().map(move |at| (rotation.clone(), at)));
    for (mut rotation, (stage, last)) in every {
        rotation.stage = stage;
        rotation.decisions = decisions(evil, last);
        for sheet in [card::card(&rotation), card::turn(&rotation), card::reminder(&rotation), card::result(&rotation)]
        {
            let message = draw::message(&sheet);
            let markup = message.blocks.iter().filter(|block| block["text"]["type"] == "mrkdwn").map(Value::to_string);
            for text in markup.chain([message.text]) {
                for forged in ["<!channel", "<https:", "<@U0BEN>", "\n*Approved", " *Approved", " ~x~", " `y`", " _z_"]
                {
                    assert!(!text.contains(forged), "{forged} in {text}");
                }
            }
        }
    }
    for form in [form::credential(&rotation, None), form::reject(&rotation)] {
        let form = draw::form(&form).to_string();
        assert!(!form.contains("<!channel") && !form.contains("<@U0BEN>"), "{form}");
    }
}
