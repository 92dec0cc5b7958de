//! Block Kit's limits: whatever a target, a reason or a service brings, Slack takes the card, the list and the forms.

use bytes::Bytes;
use emulator::{Clock, World, scene};
use http::Request;
use pbi_rotate::codec::catalog;
use pbi_rotate::codec::slack::{card, view};
use pbi_rotate::domain::credential::{Kind, Login};
use pbi_rotate::domain::listing::{Ending, Entry, Last};
use pbi_rotate::domain::names::{PersonId, RotationId, TargetName};
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::rotation::{Person, Phase, Rotation, Stage};
use pbi_rotate::domain::target::Target;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_795_285_800_000);

/// The longest names the catalog takes, each of characters that something counts or escapes differently.
fn titles() -> [String; 6] {
    ["x", "🔐", "&", "<", "*", "é"].map(|character| character.repeat(80))
}

fn target(title: &str, destinations: usize) -> Target {
    let place = |n: usize| match n % 2 {
        0 => format!(
            r#"{{ datasource = {{ gateway = "{}", id = "00000000-0000-4000-8000-{n:012}" }} }}"#,
            scene::GATEWAY_SALES
        ),
        _ => format!(r#"{{ connection = {{ id = "00000000-0000-4000-8000-{n:012}", via = "OnPremisesGateway" }} }}"#),
    };
    let places: Vec<_> = (0..destinations).map(place).collect();
    let text = format!(
        "[targets.{name}]\ntitle = \"{title}\"\ncredential = {{ kind = \"Windows\", username = 'CONTOSO\\svc_sales' }}\n\
         privacy = \"Private\"\nencryption = \"Encrypted\"\ndestinations = [{}]\npolicy = {{ askers = [\"slack:U0ANA\"] }}\n",
        places.join(", "),
        name = "n".repeat(63),
    );
    catalog::parse(&text).unwrap().targets.into_values().next().unwrap()
}

fn rotation(title: &str, destinations: usize) -> Rotation {
    let person = Person { id: PersonId::slack("U0ANA").unwrap(), name: "Ana".into() };
    let id = RotationId::parse("0123456789abcdef").unwrap();
    Rotation::new(id, target(title, destinations), person, title.repeat(4).chars().take(300).collect(), NOW)
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

/// What the pretend Slack says to a call.
fn call(world: &World, method: &str, body: &Value) -> Value {
    let request = Request::post(format!("/slack/api/{method}"))
        .header("authorization", format!("Bearer {}", scene::BOT_TOKEN))
        .header("content-type", "application/json; charset=utf-8")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    serde_json::from_slice(world.serve(request).unwrap().body()).unwrap()
}

fn taken(message: &card::Message) {
    let world = World::contoso(Clock::Manual(1_795_285_800_000));
    let body = json!({ "channel": scene::CHANNEL_SALES, "text": message.text, "blocks": message.blocks });
    let answer = call(&world, "chat.postMessage", &body);
    assert_eq!(answer["ok"], true, "{answer:#}");
    // What is one character to us can be two to Slack.
    for block in &message.blocks {
        let most = if block["type"] == "header" { 150 } else { 3000 };
        let text = block["text"]["text"].as_str().unwrap_or_default();
        assert!(text.encode_utf16().count() <= most, "{text}");
    }
    assert!(message.text.encode_utf16().count() < 4000, "Slack API, chat.postMessage: more may be cut");
}

fn opened(form: &Value) {
    let world = World::contoso(Clock::Manual(1_795_285_800_000));
    let typed = world.person(scene::ANA).slash(scene::CHANNEL_SALES, "rotate").request;
    let (_, trigger) = url::form_urlencoded::parse(typed.body()).find(|(name, _)| name == "trigger_id").unwrap();
    let answer = call(&world, "views.open", &json!({ "trigger_id": trigger, "view": form }));
    assert_eq!(answer["ok"], true, "{answer:#}");
}

#[test]
fn a_card_of_two_hundred_destinations_fits_at_every_stage() {
    for title in titles() {
        let mut rotation = rotation(&title, 200);
        for stage in [
            Stage::Requested,
            Stage::AwaitingCredential { until: NOW },
            Stage::Applying { since: NOW },
            Stage::Cancelled,
            Stage::Expired,
            Stage::Superseded,
        ] {
            rotation.stage = stage;
            taken(&card::card(&rotation));
        }
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
            for stage in [Stage::Applied, Stage::PartlyApplied, Stage::Failed] {
                rotation.stage = stage;
                taken(&card::card(&rotation));
            }
        }
    }
}

#[test]
fn the_one_destination_that_needs_somebody_is_told_among_two_hundred() {
    let mut rotation = rotation("Sales", 200);
    for run in &mut rotation.runs {
        run.phase = Phase::Done(Receipt { outcome: Outcome::Verified, request_id: None });
    }
    let needy = Outcome::Unchanged(Trouble::of(Service::Fabric, Cause::GatewayOffline));
    rotation.runs[199].phase = Phase::Done(Receipt { outcome: needy, request_id: None });
    rotation.stage = Stage::PartlyApplied;
    let card = card::card(&rotation);
    let told: Vec<_> = card.blocks.iter().filter_map(|block| block["text"]["text"].as_str()).collect();
    assert!(told[1].contains("Partly rotated, 199 of 200 are good"), "{told:#?}");
    assert!(told[3].contains("The old credential is still in force. The gateway is offline"), "{told:#?}");
    assert!(told.contains(&"and 180 more"), "{told:#?}");
}

#[test]
fn a_full_list_shows_every_name_whatever_the_titles_are() {
    for title in titles() {
        let entry = |n: usize| Entry {
            name: TargetName::parse(&format!("{n:03}-{}", "n".repeat(59))).unwrap(),
            title: title.clone(),
            live: None,
            last: Some(Last {
                rotation: RotationId::parse("0123456789abcdef").unwrap(),
                how: Ending::PartlyApplied,
                at: NOW,
            }),
        };
        let entries: Vec<_> = (0..100).map(entry).collect();
        let list = card::list(&entries, 400, "/pbi");
        taken(&list);
        let told = list.blocks.iter().filter_map(|block| block["text"]["text"].as_str()).collect::<Vec<_>>().join("\n");
        for entry in &entries {
            assert!(told.contains(&format!("*{}*", entry.name)), "{} is missing", entry.name);
        }
        assert_eq!(told.matches("|2026-11-21T18:30:00Z>").count(), 100, "whole lines only");
        assert!(told.ends_with("and 400 more: add words to narrow the list"));
        taken(&card::resting(&entries[0]));
        let option = pbi_rotate::codec::slack::blocks::option(&title, entries[0].name.as_str());
        assert!(option["text"]["text"].as_str().unwrap().encode_utf16().count() <= 75);
    }
}

#[test]
fn every_form_opens_for_every_kind_of_credential() {
    opened(&view::request_form(None));
    opened(&view::request_form(Some(&TargetName::parse(&"n".repeat(63)).unwrap())));
    for title in titles() {
        let mut rotation = rotation(&title, 200);
        opened(&view::credential_form(&rotation));
        opened(&view::under_way(&rotation));
        opened(&view::notice(&title, &title.repeat(100)));
        let username = "<".repeat(500);
        for login in [Login::Basic { username: username.clone() }, Login::Windows { username }, Login::Key, Login::Sas]
        {
            rotation.target.login = login;
            opened(&view::credential_form(&rotation));
        }
    }
    assert_eq!(Kind::ALL.iter().filter(|kind| kind.fields().len() > 6).count(), 0, "no form is long on a phone");
}

#[test]
fn what_is_said_about_a_missed_form_can_be_posted() {
    for name in ["", &"n".repeat(63)] {
        taken(&card::open_form_again(name));
    }
    taken(&card::tap_again());
    taken(&card::help(&format!("/{}", "h".repeat(31))));
    taken(&card::list(&[], 0, "/pbi"));
    // Longer than any sentence of ours.
    for title in titles() {
        taken(&card::Message::plain(&title.repeat(20)));
    }
}

#[test]
fn nothing_a_person_wrote_marks_mentions_or_links() {
    let evil = "<!channel> <https://evil.example|portal>\n*Approved by* <@U0BEN> ~x~ `y` _z_";
    let mut rotation = rotation("Sales", 1);
    rotation.reason = evil.into();
    rotation.target.title = evil.into();
    for stage in [Stage::AwaitingCredential { until: NOW }, Stage::Applied, Stage::Cancelled] {
        rotation.stage = stage;
        let card = card::card(&rotation);
        let markup = card.blocks.iter().filter(|block| block["text"]["type"] == "mrkdwn").map(Value::to_string);
        for text in markup.chain([card.text]) {
            for forged in ["<!channel", "<https:", "<@U0BEN", "\n*Approved", " *Approved", " ~x~", " `y`", " _z_"] {
                assert!(!text.contains(forged), "{forged} in {text}");
            }
        }
    }
    let form = view::credential_form(&rotation).to_string();
    assert!(!form.contains("<!channel") && !form.contains("<@U0BEN"), "{form}");
}
