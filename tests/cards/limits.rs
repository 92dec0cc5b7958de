//! Whatever a target, a reason or a service brings, a card fits into a message with its buttons, and says what it leaves out.

use pbi_rotate::codec::content::card;
use pbi_rotate::codec::content::message::{self, LISTED, REMINDED};
use pbi_rotate::codec::sheet::{Action, Button, Part, Sheet};
use pbi_rotate::codec::teams::draw;
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::rotation::{Check, Phase, Refreshing, Rotation, Stage, Verdict};
use serde_json::Value;

use crate::elements::{of, taken};
use crate::samples::{NOW, decisions, listed, rotation, stages, supplied, titles, trouble};

/// The words of a card, a line for each block.
fn told(card: &Value) -> String {
    let line = |block: &Value| -> String {
        block["inlines"].as_array().unwrap().iter().map(|run| run["text"].as_str().unwrap()).collect()
    };
    of(card, "RichTextBlock").into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn buttons(sheet: &Sheet) -> usize {
    let row = |part: &Part| if let Part::Buttons(row) = part { row.len() } else { 0 };
    sheet.body.iter().map(row).sum()
}

fn fits(sheet: &Sheet) {
    let message = draw::message(sheet);
    taken(&message);
    assert!(!message["summary"].as_str().unwrap().trim().is_empty(), "what notifications show");
}

/// The card, and everything that is said beside it; no button is ever folded away.
fn all_fit(rotation: &Rotation) {
    for sheet in [card::card(rotation), card::turn(rotation), card::reminder(rotation), card::result(rotation)] {
        fits(&sheet);
        let drawn = draw::card(&sheet);
        let rows = of(&drawn, "ActionSet");
        assert_eq!(rows.iter().map(|row| row["actions"].as_array().unwrap().len()).sum::<usize>(), buttons(&sheet));
    }
    let whole = told(&draw::card(&card::card(rotation)));
    assert!(whole.contains("Reference 0123-4567"), "{whole}");
}

#[test]
fn a_card_of_two_hundred_destinations_fits_at_every_stage() {
    for title in titles() {
        let mut rotation = rotation(&title, 180, 20);
        rotation.outdated = true;
        let why: String = title.repeat(4).chars().take(300).collect();
        for (stage, last) in stages(&why) {
            rotation.stage = stage;
            rotation.decisions = decisions(&title, last);
            for check in [Check::Troubled(trouble()), Check::Passed] {
                rotation.runs.iter_mut().for_each(|run| run.check = check.clone());
                rotation.models.iter_mut().for_each(|model| model.found = check.clone());
                all_fit(&rotation);
                all_fit(&supplied(rotation.clone(), &title));
            }
        }
    }
}

#[test]
fn a_card_of_two_hundred_receipts_fits_whatever_they_are() {
    for title in titles() {
        let mut rotation = rotation(&title, 180, 20);
        rotation.decisions = decisions(&title, Verdict::Closed);
        rotation.models.iter_mut().for_each(|model| model.refresh = Refreshing::Failed(trouble()));
        for outcome in [Outcome::Verified, Outcome::Untested(trouble()), Outcome::Unknown(trouble())] {
            for run in &mut rotation.runs {
                let request_id = Some(Code::parse(&"q".repeat(120)).unwrap());
                run.phase = Phase::Done(Receipt { outcome: outcome.clone(), request_id });
            }
            for stage in [Stage::Applying, Stage::Stalled { until: NOW }, Stage::PartlyApplied, Stage::Failed] {
                rotation.stage = stage;
                all_fit(&rotation);
            }
        }
    }
}

#[test]
fn what_a_message_has_no_room_for_is_counted_and_the_end_is_kept() {
    let long = Part::paragraph("x".repeat(2_900));
    let mut body = vec![long; 20];
    let cancel = Button::new("Cancel rotation", "Cancel", Action::Cancel, "id");
    body.extend([Part::Buttons(vec![cancel]), Part::small("Reference 7f3k")]);
    let sheet = Sheet { text: "Much".into(), body };
    fits(&sheet);
    let card = draw::card(&sheet);
    assert!(told(&card).ends_with("x\nand 8 more, for which a message has no room\nReference 7f3k"), "{}", told(&card));
    assert_eq!(of(&card, "ActionSet").len(), 1);
    // The same with nothing too much says nothing of it.
    let short = Sheet { body: sheet.body.iter().skip(10).cloned().collect(), ..sheet };
    assert!(!told(&draw::card(&short)).contains("no room"));
}

#[test]
fn a_full_list_shows_every_name_whatever_the_titles_are() {
    for title in titles() {
        let entries: Vec<_> = (0..LISTED).map(|n| listed(n, &title)).collect();
        let list = message::list(&entries, 400, "@pbi", NOW);
        fits(&list);
        let shown = told(&draw::card(&list));
        // Eighty emoji in each title, and in each owner's name, are too much for it; then the rest is counted.
        let missing = entries.iter().filter(|entry| !shown.contains(entry.name.as_str())).count();
        let counted = format!("and {} more, for which a message has no room", missing);
        assert!(missing == 0 || (title.starts_with('🔐') && missing < 5 && shown.contains(&counted)), "{missing}");
        let reminded: Vec<_> = entries.iter().take(REMINDED).collect();
        let due = message::due(&reminded, NOW);
        fits(&due);
        assert_eq!(of(&draw::card(&due), "ActionSet").len(), REMINDED, "a button for each");
        fits(&message::resting(&entries[0]));
    }
}

#[test]
fn more_buttons_than_a_row_shows_are_in_several() {
    let button = Button::new("Words", "Spoken", Action::Cancel, "id");
    let sheet = Sheet { text: "Many".into(), body: vec![Part::Buttons(vec![button; 7])] };
    fits(&sheet);
    assert_eq!(of(&draw::card(&sheet), "ActionSet").len(), 2);
}
