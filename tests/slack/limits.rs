//! Block Kit's limits: whatever a target, a reason or a service brings, Slack takes every card, message, form and home.

use std::time::Duration;

use bytes::Bytes;
use emulator::{Clock, World, scene};
use http::Request;
use pbi_rotate::codec::catalog;
use pbi_rotate::codec::slack::message::{self, LISTED, Message, REMINDED};
use pbi_rotate::codec::slack::{blocks, card, home, view};
use pbi_rotate::domain::credential::{Kind, Login};
use pbi_rotate::domain::listing::{Ending, Last, Listed};
use pbi_rotate::domain::names::{PersonId, RotationId, TargetName};
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::rotation::{Check, Decision, Person, Phase, Refreshing, Rotation, Stage, Verdict};
use pbi_rotate::domain::target::Target;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_795_285_800_000);

/// The longest names the catalog takes, each of characters that something counts or escapes differently.
fn titles() -> [String; 6] {
    ["x", "🔐", "&", "<", "*", "é"].map(|character| character.repeat(80))
}

fn target(title: &str, destinations: usize, models: usize) -> Target {
    let place = |n: usize| match n % 2 {
        0 => format!(
            r#"{{ datasource = {{ gateway = "{}", id = "00000000-0000-4000-8000-{n:012}" }} }}"#,
            scene::GATEWAY_SALES
        ),
        _ => format!(r#"{{ connection = {{ id = "00000000-0000-4000-8000-{n:012}", via = "OnPremisesGateway" }} }}"#),
    };
    let model = |n: usize| {
        let id = format!("00000000-0000-4000-9000-{n:012}");
        format!(r#"{{ model = {{ workspace = "{}", dataset = "{id}", refresh = true }} }}"#, scene::WORKSPACE)
    };
    let places: Vec<_> = (0..destinations).map(place).chain((0..models).map(model)).collect();
    let text = format!(
        "[targets.{name}]\ntitle = \"{title}\"\ncredential = {{ kind = \"Windows\", username = 'CONTOSO\\svc_sales' }}\n\
         privacy = \"Private\"\nencryption = \"Encrypted\"\ndestinations = [{}]\n\
         policy = {{ askers = [\"slack:U0ANA\"], approvers = [\"slack:S0LEADS\"], approvals = 20 }}\n",
        places.join(", "),
        name = "n".repeat(63),
    );
    catalog::parse(&text).unwrap().targets.into_values().next().unwrap()
}

fn person(name: &str) -> Person {
    Person { id: PersonId::slack("U0ANA67890").unwrap(), name: name.chars().take(80).collect() }
}

fn rotation(title: &str, destinations: usize, models: usize) -> Rotation {
    let id = RotationId::parse("0123456789abcdef").unwrap();
    let reason = title.repeat(4).chars().take(300).collect();
    Rotation::new(id, target(title, destinations, models), person(title), reason, true, NOW)
}

/// Fifty decisions, the last of which is the longest there is.
fn decisions(title: &str, last: Verdict) -> Vec<Decision> {
    let decided = |verdict| Decision { by: person(title), at: NOW, verdict };
    let mut decisions = vec![decided(Verdict::Approved); 19];
    decisions.extend(vec![decided(Verdict::Retried); 30]);
    decisions.push(decided(last));
    decisions
}

/// Every stage, each with the decision that leads there.
fn stages(why: &str) -> Vec<(Stage, Verdict)> {
    let ended = [Stage::Applied, Stage::PartlyApplied, Stage::Failed, Stage::Expired, Stage::Superseded];
    let mut stages = vec![
        (Stage::Requested, Verdict::Retried),
        (Stage::Checking, Verdict::Retried),
        (Stage::AwaitingApproval { since: NOW, until: NOW }, Verdict::Retried),
        (Stage::AwaitingCredential { from: NOW, until: NOW }, Verdict::Retried),
        (Stage::Holding { until: NOW }, Verdict::Retried),
        (Stage::Applying, Verdict::Retried),
        (Stage::Stalled { until: NOW }, Verdict::Retried),
        (Stage::Denied, Verdict::Denied(why.to_owned())),
        (Stage::Cancelled, Verdict::Stopped),
    ];
    stages.extend(ended.map(|stage| (stage, Verdict::Closed)));
    stages
}

/// Trouble that says as much as there can be said.
fn trouble() -> Trouble {
    Details {
        code: Some("C".repeat(120)),
        status: Some(400),
        request_id: Some("r".repeat(120)),
        note: Some("a note of our own ".repeat(10)),
        ..Details::of(Service::PowerBi, Cause::CredentialRefused)
    }
    .into()
}

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

fn taken(world: &World, message: &Message) {
    let body = json!({ "channel": scene::CHANNEL_SALES, "text": message.text, "blocks": message.blocks });
    let answer = call(world, "chat.postMessage", &body);
    assert_eq!(answer["ok"], true, "{answer:#}");
    short_enough(&message.blocks);
    assert!(message.blocks.len() <= blocks::MESSAGE_BLOCKS);
    assert!(!message.text.trim().is_empty(), "what is read aloud, and shown in notifications");
    assert!(message.text.encode_utf16().count() < 4000, "Slack API, chat.postMessage: more may be cut");
}

fn opened(form: &Value) {
    let world = world();
    let typed = world.person(scene::ANA).slash(scene::CHANNEL_SALES, "rotate").request;
    let (_, trigger) = url::form_urlencoded::parse(typed.body()).find(|(name, _)| name == "trigger_id").unwrap();
    let answer = call(&world, "views.open", &json!({ "trigger_id": trigger, "view": form }));
    assert_eq!(answer["ok"], true, "{answer:#}");
    short_enough(form["blocks"].as_array().unwrap());
}

/// The words of a message's sections, a line for each.
fn told(message: &Message) -> String {
    let texts = message.blocks.iter().filter_map(|block| block["text"]["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// The card, and everything that is said beside it.
fn all_taken(world: &World, rotation: &Rotation) {
    for message in [card::card(rotation), card::turn(rotation), card::reminder(rotation), card::result(rotation)] {
        taken(world, &message);
    }
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
            let request_id = Some("q".repeat(120));
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
        let card = card::card(&rotation);
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

fn listed(n: usize, title: &str) -> Listed {
    let rotation = || RotationId::parse("0123456789abcdef").unwrap();
    Listed {
        name: TargetName::parse(&format!("{n:03}-{}", "n".repeat(59))).unwrap(),
        title: title.to_owned(),
        owner: Some(title.to_owned()),
        askers: Vec::new(),
        rotate_every: Some(Duration::from_secs(60)),
        since: NOW,
        live: Some(rotation()),
        last: Some(Last { rotation: rotation(), how: Ending::PartlyApplied, at: NOW }),
    }
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
        let option = blocks::option(&title, entries[0].name.as_str());
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
        let view = home::home(&full, NOW, &format!("/{}", "h".repeat(31)));
        let answer = call(&world(), "views.publish", &json!({ "user_id": scene::ANA, "view": view }));
        assert_eq!(answer["ok"], true, "{answer:#}");
        short_enough(view["blocks"].as_array().unwrap());
    }
}

#[test]
fn every_form_opens_for_every_kind_of_credential() {
    for break_glass in [true, false] {
        opened(&view::request_form(None, break_glass));
        opened(&view::request_form(Some(&TargetName::parse(&"n".repeat(63)).unwrap()), break_glass));
    }
    for title in titles() {
        let mut rotation = rotation(&title, 180, 20);
        opened(&view::credential_form(&rotation, None));
        opened(&view::under_way(&rotation));
        opened(&view::reject_form(&rotation));
        for (break_glass, approvals) in [(true, 20), (false, 0), (false, 1), (false, 20)] {
            rotation.break_glass = break_glass;
            rotation.target.policy.approvals = approvals;
            opened(&view::opened(&rotation));
        }
        opened(&view::notice(&title, &title.repeat(100)));
        let username = "<".repeat(500);
        for login in [Login::Basic { username: username.clone() }, Login::Windows { username }, Login::Key, Login::Sas]
        {
            rotation.target.login = login;
            opened(&view::credential_form(&rotation, None));
        }
    }
    assert_eq!(Kind::ALL.iter().filter(|kind| kind.fields().len() > 6).count(), 0, "no form is long on a phone");
}

#[test]
fn what_is_said_about_a_missed_form_can_be_posted() {
    let world = world();
    for name in ["", &"n".repeat(63)] {
        taken(&world, &message::open_form_again(name));
    }
    taken(&world, &message::tap_again("Enter credential"));
    taken(&world, &message::help(&format!("/{}", "h".repeat(31))));
    taken(&world, &message::list(&[], 0, "/pbi", NOW));
    // Longer than any sentence of ours.
    for title in titles() {
        taken(&world, &Message::plain(&title.repeat(20)));
    }
}

#[test]
fn nothing_a_person_wrote_marks_mentions_or_links() {
    let evil = "<!channel> <https://evil.example|portal>\n*Approved by* <@U0BEN> ~x~ `y` _z_";
    let mut rotation = rotation("Sales", 1, 0);
    rotation.reason = evil.into();
    rotation.target.title = evil.into();
    rotation.requester.name = evil.into();
    for (stage, last) in stages(evil) {
        rotation.stage = stage;
        rotation.decisions = decisions(evil, last);
        for message in
            [card::card(&rotation), card::turn(&rotation), card::reminder(&rotation), card::result(&rotation)]
        {
            let markup = message.blocks.iter().filter(|block| block["text"]["type"] == "mrkdwn").map(Value::to_string);
            for text in markup.chain([message.text]) {
                for forged in ["<!channel", "<https:", "<@U0BEN>", "\n*Approved", " *Approved", " ~x~", " `y`", " _z_"]
                {
                    assert!(!text.contains(forged), "{forged} in {text}");
                }
            }
        }
    }
    for form in [view::credential_form(&rotation, None), view::reject_form(&rotation)] {
        let form = form.to_string();
        assert!(!form.contains("<!channel") && !form.contains("<@U0BEN>"), "{form}");
    }
}
