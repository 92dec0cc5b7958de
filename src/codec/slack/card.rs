//! The card of a rotation: one message that is rewritten until the rotation ends, and the short ones that point to it.

use serde_json::Value;

use super::blocks::{self, Confirm, Style, escape};
use super::message::{Message, moment};
use crate::codec::words::{self, place_name};
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::rotation::{Check, Decision, Refreshing, Rotation, Stage, Verdict};
use crate::domain::target::{Destination, ItemId, Model, Target};
use crate::domain::trouble::Trouble;

/// The button that opens the credential form.
pub const ENTER_BUTTON: &str = "enter_credential";
/// The button that ends a rotation before anything was changed.
pub const CANCEL_BUTTON: &str = "cancel_rotation";
/// The button that approves.
pub const APPROVE_BUTTON: &str = "approve";
/// The button that opens the form for saying no.
pub const REJECT_BUTTON: &str = "reject";
/// The button that stops what has not begun yet.
pub const STOP_BUTTON: &str = "stop_rotation";
/// The button that tries again what failed.
pub const RETRY_BUTTON: &str = "retry_failed";
/// The button that leaves what failed as it is.
pub const CLOSE_BUTTON: &str = "close_rotation";

/// Places told one by one; the rest is counted. With everything else on a card it stays below Slack's fifty blocks.
const MOST_LINES: usize = 20;
/// Decisions told one by one: those of as many people as a policy can want, and what was repeated.
const MOST_DECISIONS: usize = 20;
/// Places that are all told one by one, also when they are good.
const FEW: usize = 6;

/// The card as it has to look now.
pub fn card(rotation: &Rotation) -> Message {
    let title = title(rotation);
    let status = status(rotation);
    let asker = rotation.requester.id.slack_id();
    let mut body = vec![blocks::header(&title), blocks::section(&format!("*{status}*{}", deadline(rotation)))];
    if rotation.break_glass {
        body.push(blocks::section(
            "*Break-glass:* nobody has approved this, and maintenance windows were passed over.",
        ));
    }
    body.push(blocks::section(&format!("Asked by <@{asker}>: {}", escape(&rotation.reason))));
    if rotation.outdated {
        body.push(blocks::section("The catalog has been changed since. This rotation keeps the plan it began with."));
    }
    if !rotation.stage.ended() && !applying(&rotation.stage) {
        body.push(blocks::section(&plan(rotation)));
    }
    body.extend(decisions(rotation));
    if began(rotation) {
        body.extend(places(rotation));
        body.extend(models(rotation));
    } else if !matches!(rotation.stage, Stage::Superseded) {
        body.extend(problems(rotation));
    }
    let buttons = buttons(rotation);
    if !buttons.is_empty() {
        body.push(blocks::actions(&buttons));
    }
    let mut last = format!("{} · Reference {}", rotation.target.name, rotation.id.reference());
    if !rotation.stage.ended() {
        last.push_str(" · The old value cannot be read back, so this cannot be undone.");
    }
    body.push(blocks::context(&last));
    let text = format!("{}: {status}. Reference {}.", escape(&title), rotation.id.reference());
    Message { text, blocks: body }
}

/// To the requester: the credential can be entered.
pub fn turn(rotation: &Rotation) -> Message {
    let name = escape(&rotation.target.title);
    if !matches!(rotation.stage, Stage::AwaitingCredential { .. }) {
        return Message::pointing(&format!("It was your turn to enter the credential of {name}."));
    }
    let text = format!("You can enter the credential of {name} now{}.", deadline(rotation));
    let enter =
        blocks::button("Enter credential", "Enter the credential", ENTER_BUTTON, rotation.id.as_str(), Style::Primary);
    let plain = format!("You can enter the credential of {name} now.");
    Message { text: plain, blocks: vec![blocks::section(&text), blocks::actions(&[enter])] }
}

/// To those who may approve, when half the time is over.
pub fn reminder(rotation: &Rotation) -> Message {
    let (name, asker) = (escape(&rotation.target.title), rotation.requester.id.slack_id());
    let waits = match rotation.stage {
        Stage::AwaitingApproval { .. } => "still waits for an approval",
        _ => "waited for an approval",
    };
    Message::pointing(&format!("The rotation of {name}, asked by <@{asker}>, {waits}. Its card is above."))
}

/// To the requester: how it ended, and whose decision that was.
pub fn result(rotation: &Rotation) -> Message {
    let name = escape(&rotation.target.title);
    let reference = rotation.id.reference();
    let by = match rotation.stage {
        Stage::Denied | Stage::Cancelled => rotation.decisions.last().map(decision),
        _ => None,
    };
    let by = by.map(|by| format!("\n{by}")).unwrap_or_default();
    Message::pointing(&format!("{name}: {}. Reference {reference}.{by}", status(rotation)))
}

fn title(rotation: &Rotation) -> String {
    let mark = if rotation.break_glass { "BREAK-GLASS: rotate" } else { "Rotate" };
    format!("{mark} {}", rotation.target.title)
}

/// Until when it stays as it is, where that is known.
pub(super) fn deadline(rotation: &Rotation) -> String {
    match &rotation.stage {
        Stage::AwaitingCredential { from, until } if !rotation.target.policy.windows.is_empty() => {
            format!(" from {} until {}", moment(*from), moment(*until))
        }
        Stage::AwaitingCredential { until, .. } => format!(" until {}", moment(*until)),
        Stage::AwaitingApproval { until, .. } | Stage::Holding { until } | Stage::Stalled { until } => {
            format!(" until {}", moment(*until))
        }
        _ => String::new(),
    }
}

const fn applying(stage: &Stage) -> bool {
    matches!(stage, Stage::Applying | Stage::Stalled { .. })
}

/// Whether anything was sent, or may have been.
fn began(rotation: &Rotation) -> bool {
    applying(&rotation.stage) || matches!(rotation.stage, Stage::Applied | Stage::PartlyApplied | Stage::Failed)
}

/// Where it stands.
pub(super) fn status(rotation: &Rotation) -> String {
    let all = rotation.runs.len();
    let done = rotation.receipts().filter(|(_, receipt)| receipt.is_some()).count();
    let good = rotation.receipts().filter(|(_, receipt)| receipt.is_some_and(|r| r.outcome.good())).count();
    match &rotation.stage {
        Stage::Requested => "Opening".to_owned(),
        Stage::Checking => {
            let looked = rotation.runs.iter().filter(|run| run.check != Check::Pending).count();
            format!("Checking the plan, {looked} of {all}")
        }
        Stage::AwaitingApproval { .. } => {
            match rotation.approvals_needed().saturating_sub(rotation.approvals().count()) {
                1 => "Waiting for an approval".to_owned(),
                more => format!("Waiting for {more} approvals"),
            }
        }
        Stage::AwaitingCredential { .. } => "Waiting for the new credential".to_owned(),
        Stage::Holding { .. } => "About to begin. It can be stopped".to_owned(),
        Stage::Applying => format!("Rotating, {done} of {all} done"),
        Stage::Stalled { .. } => format!("Partly rotated, {good} of {all} are good. What failed can be tried again"),
        Stage::Applied => match rotation.receipts().all(|(_, r)| r.is_some_and(|r| r.outcome == Outcome::Verified)) {
            true => format!("Rotated and verified, {good} of {all}"),
            false => format!("Rotated, {good} of {all}"),
        },
        Stage::PartlyApplied => format!("Partly rotated, {good} of {all} are good"),
        Stage::Failed => match rotation.receipts().all(|(_, r)| r.is_none_or(|r| r.outcome.unchanged())) {
            true => "Not rotated".to_owned(),
            false => format!("Not confirmed, {good} of {all} are good"),
        },
        Stage::Denied => "Rejected, nothing was changed".to_owned(),
        Stage::Cancelled => match rotation.decisions.last().map(|decision| &decision.verdict) {
            Some(Verdict::Stopped) => "Stopped, nothing was changed".to_owned(),
            _ => "Cancelled, nothing was changed".to_owned(),
        },
        Stage::Expired => match rotation.approvals().count() < rotation.approvals_needed() {
            true => "Expired without approval, nothing was changed".to_owned(),
            false => "Expired without a credential, nothing was changed".to_owned(),
        },
        Stage::Superseded => "Another rotation was under way, nothing was changed".to_owned(),
    }
}

/// What will be changed, and what looking at it has shown.
pub(super) fn plan(rotation: &Rotation) -> String {
    let mut text = will_be_set(&rotation.target, rotation.runs.iter().map(|run| &run.place));
    if rotation.stage != Stage::Checking && rotation.stage != Stage::Requested {
        let ready = rotation.runs.iter().filter(|run| run.check.ready()).count();
        let all = rotation.runs.len();
        text.push_str(&match ready == all && rotation.models.iter().all(|model| model.found == Check::Passed) {
            true if all == 1 => " It was checked and is ready.".to_owned(),
            true => format!(" All {all} were checked and are ready."),
            false => format!(" {ready} of {all} are ready."),
        });
        if rotation.runs.iter().any(|run| run.check == Check::Foreign) {
            text.push_str(" What somebody else owns of it will be taken over.");
        }
    }
    text
}

/// Where a target's credential goes, in a sentence.
pub fn will_be_set<'a>(target: &Target, places: impl Iterator<Item = &'a Destination>) -> String {
    let (sources, connections): (Vec<_>, Vec<_>) =
        places.partition(|place| matches!(place, Destination::DataSource(_)));
    let count = |n: usize, one: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let parts = [count(sources.len(), "Power BI data source"), count(connections.len(), "Fabric connection")];
    let mut text = format!("Will be set in {}.", parts.into_iter().flatten().collect::<Vec<_>>().join(" and "));
    if sources.is_empty() && connections.is_empty() {
        text = "Will be set in the data sources of its semantic models.".to_owned();
    } else if let Some(models) = count(target.models.len(), "semantic model") {
        text = format!("{} Among them what {models} read from.", text);
    }
    text
}

/// Who decided what, in sentences: the last of them, when there are many.
fn decisions(rotation: &Rotation) -> Vec<Value> {
    let before = rotation.decisions.len().saturating_sub(MOST_DECISIONS);
    let mut lines: Vec<_> = rotation.decisions.iter().skip(before).map(decision).collect();
    if before > 0 {
        lines.insert(0, format!("{before} more before these"));
    }
    // Ten lines and the longest reason fit into a section; a cut line would show its markup.
    lines.chunks(10).map(|part| blocks::section(&part.join("\n"))).collect()
}

fn decision(decision: &Decision) -> String {
    let (who, when) = (decision.by.id.slack_id(), moment(decision.at));
    let did = match &decision.verdict {
        Verdict::Approved => "Approved",
        Verdict::Denied(_) => "Rejected",
        Verdict::Cancelled => "Cancelled",
        Verdict::Stopped => "Stopped",
        Verdict::Retried => "Tried again",
        Verdict::Closed => "Left as it is",
    };
    let why = match &decision.verdict {
        Verdict::Denied(why) if !why.is_empty() => format!(": {}", escape(why)),
        _ => String::new(),
    };
    format!("{did} by <@{who}> · {when}{why}")
}

/// Places that are not ready, before anything was begun.
fn problems(rotation: &Rotation) -> Vec<Value> {
    let places = rotation.runs.iter().filter_map(|run| Some((place_name(&run.place), trouble(&run.check)?)));
    let models = rotation.target.models.iter().zip(&rotation.models);
    let models = models.filter_map(|(model, run)| Some((model_name(model), trouble(&run.found)?)));
    let told: Vec<_> = places.chain(models).collect();
    let line = |(name, trouble): &(String, &Trouble)| {
        blocks::section(&format!("*{name}* is not ready\n{}", escape(&words::trouble(trouble))))
    };
    folded(told.iter().map(line).take(MOST_LINES).collect(), told.len())
}

const fn trouble(check: &Check) -> Option<&Trouble> {
    match check {
        Check::Troubled(trouble) => Some(trouble),
        _ => None,
    }
}

/// Places with their receipts: the ones that need somebody first. Of many, those that are good or not done yet are only
/// counted: a card is read on a phone.
fn places(rotation: &Rotation) -> Vec<Value> {
    let good = |receipt: &Option<&Receipt>| receipt.is_some_and(|receipt| receipt.outcome.good());
    let (waiting, done): (Vec<_>, Vec<_>) = rotation.receipts().partition(|(_, receipt)| receipt.is_none());
    let (good, mut told): (Vec<_>, Vec<_>) = done.into_iter().partition(|(_, receipt)| good(receipt));
    let line = |(at, receipt): &(&Destination, Option<&Receipt>)| {
        let words = receipt.map_or_else(|| "Not done yet.".to_owned(), |receipt| words::outcome(&receipt.outcome));
        let id = receipt.and_then(|receipt| receipt.request_id.as_deref());
        let id = id.map(|id| format!(" Request {}.", escape(id))).unwrap_or_default();
        blocks::section(&format!("*{}*\n{}{id}", place_name(at), escape(&words)))
    };
    if rotation.runs.len() <= FEW {
        told.extend(good);
        told.extend(waiting);
        return told.iter().map(line).collect();
    }
    let mut lines = folded(told.iter().take(MOST_LINES).map(line).collect(), told.len());
    let counts = [(good.len(), "good"), (waiting.len(), "not done yet")];
    let counted = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| match count {
        1 => format!("1 place is {what}."),
        many => format!("{many} places are {what}."),
    });
    let counted: Vec<_> = counted.collect();
    if !counted.is_empty() {
        lines.push(blocks::section(&counted.join(" ")));
    }
    lines
}

fn folded(mut lines: Vec<Value>, all: usize) -> Vec<Value> {
    if all > lines.len() {
        lines.push(blocks::section(&format!("and {} more", all - lines.len())));
    }
    lines
}

/// What became of semantic models: those that could not be looked into, and refreshes.
fn models(rotation: &Rotation) -> Vec<Value> {
    let line = |(model, run): (&Model, &crate::domain::rotation::ModelRun)| {
        let words = match (&run.found, &run.refresh) {
            (Check::Troubled(trouble), _) => escape(&words::trouble(trouble)),
            (_, Refreshing::Completed) => "Its refresh completed with the new credential.".to_owned(),
            (_, Refreshing::Running(_)) => "Its refresh is running.".to_owned(),
            (_, Refreshing::Failed(trouble)) => {
                format!("Its refresh did not complete. {}", escape(&words::trouble(trouble)))
            }
            _ => return None,
        };
        Some(blocks::section(&format!("*{}*\n{words}", model_name(model))))
    };
    rotation.target.models.iter().zip(&rotation.models).filter_map(line).take(MOST_LINES / 2).collect()
}

/// A semantic model, for people.
pub fn model_name(model: &Model) -> String {
    let what = match model.id {
        ItemId::Dataset(_) => "Semantic model",
        ItemId::Report(_) => "Paginated report",
    };
    format!("{what} {}", short(model.id.id().as_str()))
}

fn short(id: &str) -> &str {
    id.split('-').next().unwrap_or_default()
}

fn buttons(rotation: &Rotation) -> Vec<Value> {
    let mut buttons = deciding(rotation);
    buttons.extend(going_on(rotation));
    buttons
}

/// Of a name in a question: with both names it stays whole within 300 characters.
const CONFIRM_NAME: usize = 100;

/// What those who may approve can do.
pub(super) fn deciding(rotation: &Rotation) -> Vec<Value> {
    if !matches!(rotation.stage, Stage::AwaitingApproval { .. }) {
        return Vec::new();
    }
    let confirm = Confirm {
        title: "Approve this rotation?",
        text: &format!(
            "{}, asked by {}. Reports may fail for a few minutes. The old value cannot be read back.",
            blocks::clip(&rotation.target.title, CONFIRM_NAME),
            blocks::clip(&rotation.requester.name, CONFIRM_NAME)
        ),
        yes: "Approve",
        no: "Not yet",
    };
    vec![
        blocks::confirmed(button(rotation, "Approve", APPROVE_BUTTON, Style::Primary), &confirm),
        button(rotation, "Reject", REJECT_BUTTON, Style::Danger),
    ]
}

/// What whoever asked can do.
pub(super) fn going_on(rotation: &Rotation) -> Vec<Value> {
    let cancel = || button(rotation, "Cancel rotation", CANCEL_BUTTON, Style::Plain);
    match rotation.stage {
        Stage::Checking | Stage::AwaitingApproval { .. } => vec![cancel()],
        Stage::AwaitingCredential { .. } => {
            vec![button(rotation, "Enter credential", ENTER_BUTTON, Style::Primary), cancel()]
        }
        Stage::Holding { .. } => vec![button(rotation, "Stop", STOP_BUTTON, Style::Danger)],
        Stage::Stalled { .. } => vec![
            button(rotation, "Retry failed", RETRY_BUTTON, Style::Primary),
            button(rotation, "Leave as it is", CLOSE_BUTTON, Style::Plain),
        ],
        _ => Vec::new(),
    }
}

fn button(rotation: &Rotation, text: &str, action: &str, style: Style) -> Value {
    blocks::button(text, &format!("{text}: {}", rotation.target.title), action, rotation.id.as_str(), style)
}
