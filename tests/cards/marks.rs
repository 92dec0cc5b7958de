//! Nothing that somebody wrote marks, mentions or links, and a button carries an opaque id and nothing else.

use pbi_rotate::codec::content::{card, form, message};
use pbi_rotate::codec::sheet::{Sheet, Span, Text};
use pbi_rotate::codec::teams::{answer, draw};
use pbi_rotate::domain::rotation::{Person, Stage};
use serde_json::{Value, json};

use crate::elements::{objects, of};
use crate::samples::{NOW, decisions, rotation, stages, supplied};

const EVIL: &str = "<at>Ben</at> [portal](https://evil.example)\n{{DATE(2020-01-01T00:00:00Z)}} <b>x</b>";

/// Where words may stand that somebody wrote: a run, and what a screen reader says of a button.
fn places(value: &Value, found: &mut Vec<String>) {
    for object in objects(value) {
        for (name, text) in object.as_object().unwrap() {
            if text.as_str().is_some_and(|text| text.contains("evil.example")) {
                found.push(format!("{}.{name}", object["type"].as_str().unwrap_or_default()));
            }
        }
    }
}

#[test]
fn what_somebody_wrote_stands_in_runs_alone() {
    let mut rotation = rotation("Sales", 1, 0);
    rotation.reason = EVIL.into();
    rotation.target.title = EVIL.into();
    rotation.requester = Person { name: EVIL.into(), ..rotation.requester.person().unwrap().clone() }.into();
    let mut found = Vec::new();
    let both = [rotation.clone(), supplied(rotation.clone(), EVIL)];
    let every = both.into_iter().flat_map(|rotation| stages(EVIL).into_iter().map(move |at| (rotation.clone(), at)));
    for (mut rotation, (stage, last)) in every {
        rotation.stage = stage;
        rotation.decisions = decisions(EVIL, last);
        let sheets = [card::card(&rotation), card::turn(&rotation), card::reminder(&rotation), card::result(&rotation)];
        for drawn in sheets.iter().map(draw::card).chain([draw::form(&form::reject(&rotation), "one", &[])]) {
            places(&drawn, &mut found);
            assert!(!drawn.to_string().contains("](") && !drawn.to_string().contains("{{DATE(2020"), "{drawn}");
            assert!(objects(&drawn).iter().all(|object| object.get("entities").is_none()), "no mentions");
            for run in of(&drawn, "TextRun") {
                assert!(!run["text"].as_str().unwrap().contains('\n'), "a line of its own could look like one of ours");
                assert!(run.get("selectAction").is_none(), "no link");
            }
        }
    }
    found.sort();
    found.dedup();
    let tooltips = ["Action.Execute", "Action.ShowCard", "Action.Submit"].map(|kind| format!("{kind}.tooltip"));
    assert_eq!(found, [&tooltips[..], &["TextRun.text".to_owned()]].concat());
}

#[test]
fn a_button_carries_an_id_and_a_way_round() {
    let mut rotation = rotation("Sales", 2, 0);
    let mut seen = Vec::new();
    for (stage, _) in stages("why") {
        rotation.stage = stage;
        let card = draw::card(&card::card(&rotation));
        // A client fetches the card anew as long as there is something to tap on it.
        let anew = card.get("refresh").map(|refresh| &refresh["action"]);
        assert_eq!(anew.is_some(), card.to_string().contains("ActionSet"));
        for tap in of(&card, "Action.Execute") {
            if Some(tap) == anew {
                assert_eq!(tap["data"], json!({ "action": "refresh", "value": "0123456789abcdef" }));
                continue;
            }
            assert_eq!(tap["data"], json!({ "action": tap["verb"], "value": "0123456789abcdef" }));
            assert_eq!(tap["fallback"]["type"], "Action.Submit");
            assert_eq!(tap["fallback"]["data"], tap["data"]);
            assert_eq!(tap["fallback"]["title"], tap["title"]);
            seen.push(tap["verb"].as_str().unwrap().to_owned());
        }
        for tap in of(&card, "Action.Submit").into_iter().filter(|tap| tap["data"].get("msteams").is_some()) {
            assert_eq!(tap["data"]["msteams"], json!({ "type": "task/fetch" }));
            assert_eq!(tap["data"]["value"], "0123456789abcdef");
            assert_eq!(tap["data"].as_object().unwrap().len(), 3);
            seen.push(tap["data"]["action"].as_str().unwrap().to_owned());
        }
    }
    seen.sort();
    seen.dedup();
    let all =
        ["approve", "cancel_rotation", "close_rotation", "enter_credential", "reject", "retry_failed", "stop_rotation"];
    assert_eq!(seen, all);
}

#[test]
fn an_approval_is_asked_for_before_it_counts() {
    let mut rotation = rotation("Sales", 1, 0);
    rotation.stage = Stage::AwaitingApproval { since: NOW, until: NOW };
    let card = draw::card(&card::card(&rotation));
    let asked = of(&card, "Action.ShowCard");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["title"], "Approve");
    assert!(asked[0]["card"]["body"].to_string().contains("The old value cannot be read back."));
    assert_eq!(asked[0]["card"]["actions"][0]["verb"], "approve");
    let outside = card["body"].as_array().unwrap().iter().flat_map(|element| element["actions"].as_array());
    assert!(outside.flatten().all(|button| button["verb"] != "approve"), "no tap approves at once");
}

#[test]
fn moments_are_the_readers_and_addresses_are_links() {
    let text = Text::from("Until ").and(Span::Moment(NOW)).and(", ").and(Span::Day(NOW)).and(".");
    let card = draw::card(&Sheet::plain(text));
    let said = "Until {{DATE(2026-11-21T18:30:00Z, SHORT)}} {{TIME(2026-11-21T18:30:00Z)}}, {{DATE(2026-11-21T18:30:00Z, SHORT)}}.";
    assert_eq!(card["body"], json!([{ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": said }] }]));
    let summary = draw::message(&Sheet::plain(Text::from(Span::Moment(NOW)).and(Span::Break).and(Span::Day(NOW))));
    assert_eq!(summary["summary"], "2026-11-21 18:30 UTC 2026-11-21");

    let link = draw::card(&message::link(&rotation("Sales", 1, 0), "https://bot.example/enter#ticket"));
    let opens = of(&link, "Action.OpenUrl");
    assert_eq!(opens.len(), 1);
    assert_eq!(opens[0]["url"], "https://bot.example/enter#ticket");
    assert!(opens[0].get("data").is_none());
}

#[test]
fn taps_are_answered_as_teams_reads_them() {
    let sheet = Sheet::plain("Approved.");
    let card =
        json!({ "statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": draw::card(&sheet) });
    assert_eq!(answer::card(&sheet), card);
    let said = json!({ "statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Done." });
    assert_eq!(answer::said("Done."), said);
}
