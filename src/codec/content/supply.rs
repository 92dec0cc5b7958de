//! What a card says of a value that a secret manager supplies: which version, and how long places were without it.

use crate::codec::sheet::{Span, Text};
use crate::codec::words;
use crate::domain::receipt::Outcome;
use crate::domain::rotation::{Rotation, Stage, Supply};

const DEAD: &str = ", and no place can connect that does not have the new one. Another rotation follows if it has a new one, unless its secret manager is paused.";

/// Its lines; none where a person enters the value.
pub(super) fn lines(rotation: &Rotation) -> Vec<Text> {
    let (Some(supply), Some(binding)) = (&rotation.supply, &rotation.target.binding) else { return Vec::new() };
    let from = format!("{} in {}", binding.secret.name(), binding.source);
    let mut lines = vec![Text::from(match (supply.previous, &supply.taken) {
        (true, None) => format!("The value before the current one goes back: {from}."),
        (false, None) => format!("The value is read from {from} when it may be put in place."),
        (true, Some(_)) => {
            format!("The value before the current one was read from {from}{}.", version(supply.taken.as_ref()))
        }
        (false, Some(_)) => format!("The value was read from {from}{}.", version(supply.taken.as_ref())),
    })];
    if let Some(account) = supply.account.as_ref().filter(|account| rotation.target.login.account() != Some(account)) {
        lines.push(format!("Its user name is {account} now.").into());
    }
    lines.extend(other(rotation, supply));
    if let (Some(trouble), Stage::Fetching { .. }) = (&supply.trouble, &rotation.stage) {
        lines.push(format!("It is tried again. {}", words::trouble(trouble)).into());
    }
    lines.extend(gap(supply, &rotation.stage));
    lines
}

/// What is said to whoever approves about what cannot be undone.
pub(super) const fn undoing(rotation: &Rotation) -> &'static str {
    match &rotation.supply {
        Some(_) => "The value is read from the secret manager then.",
        None => "The old value cannot be read back.",
    }
}

/// How it stands, where a manager has changed the password: the old one works nowhere any more, whatever was left as it was.
pub(super) fn corrected(rotation: &Rotation, stands: String) -> String {
    match rotation.supply.as_ref().is_some_and(Supply::turned) {
        true => stands.replace("nothing was changed", "no place has the new password"),
        false => stands,
    }
}

/// What came of a place, the same.
pub(super) fn corrected_place(rotation: &Rotation, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Unchanged(why) if rotation.supply.as_ref().is_some_and(|supply| supply.turned_at.is_some()) => {
            format!("It has the old password, which works nowhere any more. {}", words::trouble(why))
        }
        outcome => words::outcome(outcome),
    }
}

/// Another version than the one that was told of, or approved.
fn other(rotation: &Rotation, supply: &Supply) -> Option<Text> {
    if supply.passed > 0 && supply.taken.is_none() {
        let now = version(supply.seen.as_ref());
        return Some(
            Text::bold("There is another version by now")
                .and(format!("{now}: what was approved before does not count.")),
        );
    }
    let (seen, current) = (supply.seen.as_ref()?, supply.current.as_ref()?);
    if seen == current {
        return None;
    }
    let asked = if rotation.approvals_needed() > 0 { "Approved was" } else { "Asked for was" };
    Some(
        format!(
            "{asked} another version{}; there was a newer one by then{}.",
            version(Some(seen)),
            version(Some(current))
        )
        .into(),
    )
}

/// How long the old value was dead before every place had the new one; or that some place still has the dead one.
fn gap(supply: &Supply, stage: &Stage) -> Option<Text> {
    let (text, turned) = match (supply.turned_at, supply.turning_at) {
        (Some(turned), _) => (Text::from("The old password stopped working "), turned),
        // Nobody has said whether it did.
        (None, Some(turning)) => (Text::from("The old password may have stopped working "), turning),
        (None, None) => return None,
    };
    let text = text.and(Span::Moment(turned));
    Some(match (supply.done_at, stage) {
        (Some(done), Stage::Applied) => {
            let seconds = done.since(turned).as_secs_f64();
            text.and(format!("; every place was done {seconds:.1} seconds later."))
        }
        (_, stage) if stage.ended() => text.and(DEAD),
        _ => text.and("."),
    })
}

fn version(version: Option<&String>) -> String {
    version.and_then(|version| words::version(version)).map(|version| format!(", {version}")).unwrap_or_default()
}
