//! The card of a rotation: one message that is rewritten until the rotation ends, and the short ones that point to it.

use super::supply;
use crate::codec::sheet::{Action, Button, Confirm, Part, Sheet, Span, Style, Text, clip};
use crate::codec::words::{self, place_name};
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::rotation::{Check, Decision, ModelRun, Refreshing, Rotation, Stage, Verdict};
use crate::domain::target::{Destination, ItemId, Model, Target};
use crate::domain::trouble::Trouble;

/// Places told one by one; the rest is counted. With everything else on a card it stays below Slack's fifty blocks.
const MOST_LINES: usize = 20;
/// Decisions told one by one: those of as many people as a policy can want, and what was repeated.
const MOST_DECISIONS: usize = 20;
/// How a place can have ended that was tested.
const VERIFIED: [Outcome; 2] = [Outcome::Verified, Outcome::Referenced];
/// Places that are all told one by one, also when they are good.
const FEW: usize = 6;

/// The card as it has to look now.
pub fn card(rotation: &Rotation) -> Sheet {
    let title = title(rotation);
    let status = status(rotation);
    let mut body =
        vec![Part::Heading(title.clone()), Part::Paragraph(Text::bold(status.clone()).join(deadline(rotation)))];
    if rotation.break_glass {
        body.push(Part::Paragraph(
            Text::bold("Break-glass:").and(" nobody has approved this, and maintenance windows were passed over."),
        ));
    }
    body.push(Part::Paragraph(asked(rotation)));
    body.extend(supply::lines(rotation).into_iter().map(Part::Paragraph));
    if rotation.outdated {
        body.push(Part::paragraph("The catalog has been changed since. This rotation keeps the plan it began with."));
    }
    if !rotation.stage.ended() && !applying(&rotation.stage) {
        body.push(Part::paragraph(plan(rotation)));
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
        body.push(Part::Buttons(buttons));
    }
    let mut last = format!("{} · Reference {}", rotation.target.name, rotation.id.reference());
    if !rotation.stage.ended() && rotation.supply.is_none() {
        last.push_str(" · The old value cannot be read back, so this cannot be undone.");
    }
    body.push(Part::small(last));
    Sheet { text: format!("{title}: {status}. Reference {}.", rotation.id.reference()).into(), body }
}

/// To the requester: the credential can be entered.
pub fn turn(rotation: &Rotation) -> Sheet {
    let name = &rotation.target.title;
    if !matches!(rotation.stage, Stage::AwaitingCredential { .. }) {
        return Sheet::plain(format!("It was your turn to enter the credential of {name}."));
    }
    let now = format!("You can enter the credential of {name} now");
    let text = Text::from(now.clone()).join(deadline(rotation)).and(".");
    let enter = Button::new("Enter credential", "Enter the credential", Action::Enter, rotation.id.as_str());
    let body = vec![Part::Paragraph(text), Part::Buttons(vec![enter.styled(Style::Primary)])];
    Sheet { text: format!("{now}.").into(), body }
}

/// To those who may approve, when half the time is over.
pub fn reminder(rotation: &Rotation) -> Sheet {
    let waits = match rotation.stage {
        Stage::AwaitingApproval { .. } => "still waits for an approval",
        _ => "waited for an approval",
    };
    let of = format!("The rotation of {}, asked by ", rotation.target.title);
    Sheet::plain(Text::from(of).and(&rotation.requester).and(format!(", {waits}. Its card is above.")))
}

/// To the requester: how it ended, and whose decision that was.
pub fn result(rotation: &Rotation) -> Sheet {
    let reference = rotation.id.reference();
    let ended = Text::from(format!("{}: {}. Reference {reference}.", rotation.target.title, status(rotation)));
    let by = match rotation.stage {
        Stage::Denied | Stage::Cancelled => rotation.decisions.last().map(decision),
        _ => None,
    };
    Sheet::plain(Text::lines([ended].into_iter().chain(by)))
}

/// Who asked, and why.
pub(super) fn asked(rotation: &Rotation) -> Text {
    Text::from("Asked by ").and(&rotation.requester).and(format!(": {}", rotation.reason))
}

fn title(rotation: &Rotation) -> String {
    let back = rotation.supply.as_ref().is_some_and(|supply| supply.previous);
    let mark = match (rotation.break_glass, back) {
        (true, _) => "BREAK-GLASS: rotate",
        (false, true) => "Roll back",
        (false, false) => "Rotate",
    };
    format!("{mark} {}", rotation.target.title)
}

/// Until when it stays as it is, where that is known.
pub(super) fn deadline(rotation: &Rotation) -> Text {
    let until = |until| Text::from(" until ").and(Span::Moment(until));
    match rotation.stage {
        Stage::Fetching { from, .. } if !rotation.target.policy.windows.is_empty() => {
            Text::from(" from ").and(Span::Moment(from))
        }
        Stage::AwaitingCredential { from, until: end } if !rotation.target.policy.windows.is_empty() => {
            Text::from(" from ").and(Span::Moment(from)).join(until(end))
        }
        Stage::AwaitingCredential { until: end, .. }
        | Stage::AwaitingApproval { until: end, .. }
        | Stage::Holding { until: end }
        | Stage::Stalled { until: end } => until(end),
        _ => Text::default(),
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
    supply::corrected(rotation, stands(rotation))
}

fn stands(rotation: &Rotation) -> String {
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
        Stage::Fetching { .. } => "Reading the new credential".to_owned(),
        Stage::Holding { .. } => "About to begin. It can be stopped".to_owned(),
        Stage::Applying => format!("Rotating, {done} of {all} done"),
        Stage::Stalled { .. } => format!("Partly rotated, {good} of {all} are good. What failed can be tried again"),
        Stage::Applied => match rotation.receipts().all(|(_, r)| r.is_some_and(|r| VERIFIED.contains(&r.outcome))) {
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
            Some(Verdict::GaveWay) => "Set aside for break-glass, nothing was changed".to_owned(),
            _ => "Cancelled, nothing was changed".to_owned(),
        },
        Stage::Expired => match rotation.approvals().count() < rotation.approvals_needed() {
            true => "Expired without approval, nothing was changed".to_owned(),
            false if rotation.supply.is_some() => "Expired before its value was read, nothing was changed".to_owned(),
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
        if rotation.runs.iter().any(|run| run.check == Check::Referenced) {
            text.push_str(" What reads Azure Key Vault itself is only tested.");
        }
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
fn decisions(rotation: &Rotation) -> Vec<Part> {
    let before = rotation.decisions.len().saturating_sub(MOST_DECISIONS);
    let more = (before > 0).then(|| format!("{before} more before these").into());
    let lines: Vec<_> = more.into_iter().chain(rotation.decisions.iter().skip(before).map(decision)).collect();
    // Ten lines and the longest reason fit into what Slack takes of a paragraph; a cut line would show its markup.
    lines.chunks(10).map(|part| Part::Paragraph(Text::lines(part.iter().cloned()))).collect()
}

fn decision(decision: &Decision) -> Text {
    let did = match &decision.verdict {
        Verdict::Approved => "Approved",
        Verdict::Denied(_) => "Rejected",
        Verdict::Cancelled => "Cancelled",
        Verdict::Stopped => "Stopped",
        Verdict::Retried => "Tried again",
        Verdict::Closed => "Left as it is",
        Verdict::GaveWay => "Set aside for break-glass",
    };
    let text = Text::from(format!("{did} by ")).and(&decision.by).and(" · ").and(Span::Moment(decision.at));
    match &decision.verdict {
        Verdict::Denied(why) if !why.is_empty() => text.and(format!(": {why}")),
        _ => text,
    }
}

/// Places that are not ready, before anything was begun.
fn problems(rotation: &Rotation) -> Vec<Part> {
    let places = rotation.runs.iter().filter_map(|run| Some((place_name(&run.place), trouble(&run.check)?)));
    let models = rotation.target.models.iter().zip(&rotation.models);
    let models = models.filter_map(|(model, run)| Some((model_name(model), trouble(&run.found)?)));
    let told: Vec<_> = places.chain(models).collect();
    let line = |(name, trouble): &(String, &Trouble)| {
        let text = Text::bold(name.clone()).and(" is not ready").and(Span::Break);
        Part::Paragraph(text.and(words::trouble(trouble)))
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
fn places(rotation: &Rotation) -> Vec<Part> {
    let good = |receipt: &Option<&Receipt>| receipt.is_some_and(|receipt| receipt.outcome.good());
    let (waiting, done): (Vec<_>, Vec<_>) = rotation.receipts().partition(|(_, receipt)| receipt.is_none());
    let (good, mut told): (Vec<_>, Vec<_>) = done.into_iter().partition(|(_, receipt)| good(receipt));
    let line = |(at, receipt): &(&Destination, Option<&Receipt>)| {
        let words = receipt
            .map_or_else(|| "Not done yet.".to_owned(), |receipt| supply::corrected_place(rotation, &receipt.outcome));
        let id = receipt.and_then(|receipt| receipt.request_id.as_ref());
        let id = id.map(|id| format!(" Request {id}.")).unwrap_or_default();
        Part::Paragraph(Text::bold(place_name(at)).and(Span::Break).and(words + &id))
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
        lines.push(Part::paragraph(counted.join(" ")));
    }
    lines
}

fn folded(mut lines: Vec<Part>, all: usize) -> Vec<Part> {
    if all > lines.len() {
        lines.push(Part::paragraph(format!("and {} more", all - lines.len())));
    }
    lines
}

/// What became of semantic models: those that could not be looked into, and refreshes.
fn models(rotation: &Rotation) -> Vec<Part> {
    let line = |(model, run): (&Model, &ModelRun)| {
        let words = match (&run.found, &run.refresh) {
            (Check::Troubled(trouble), _) => words::trouble(trouble),
            (_, Refreshing::Completed) => "Its refresh completed with the new credential.".to_owned(),
            (_, Refreshing::Running(_)) => "Its refresh is running.".to_owned(),
            (_, Refreshing::Failed(trouble)) => {
                format!("Its refresh did not complete. {}", words::trouble(trouble))
            }
            _ => return None,
        };
        Some(Part::Paragraph(Text::bold(model_name(model)).and(Span::Break).and(words)))
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

fn buttons(rotation: &Rotation) -> Vec<Button> {
    let mut buttons = deciding(rotation);
    buttons.extend(going_on(rotation));
    buttons
}

/// Of a name in a question: with both names it stays whole within Slack's 300 characters.
const CONFIRM_NAME: usize = 100;

/// What those who may approve can do.
pub(super) fn deciding(rotation: &Rotation) -> Vec<Button> {
    if !matches!(rotation.stage, Stage::AwaitingApproval { .. }) {
        return Vec::new();
    }
    let confirm = Confirm {
        title: "Approve this rotation?",
        text: format!(
            "{}, asked by {}. Reports may fail for a few minutes. {}",
            clip(&rotation.target.title, CONFIRM_NAME),
            clip(rotation.requester.name(), CONFIRM_NAME),
            supply::undoing(rotation)
        ),
        yes: "Approve",
        no: "Not yet",
    };
    let approve = button(rotation, "Approve", Action::Approve, Style::Primary);
    vec![Button { confirm: Some(confirm), ..approve }, button(rotation, "Reject", Action::Reject, Style::Danger)]
}

/// What whoever asked can do.
pub(super) fn going_on(rotation: &Rotation) -> Vec<Button> {
    let cancel = || button(rotation, "Cancel rotation", Action::Cancel, Style::Plain);
    match rotation.stage {
        Stage::Checking | Stage::AwaitingApproval { .. } | Stage::Fetching { .. } => vec![cancel()],
        Stage::AwaitingCredential { .. } => {
            vec![button(rotation, "Enter credential", Action::Enter, Style::Primary), cancel()]
        }
        Stage::Holding { .. } => vec![button(rotation, "Stop", Action::Stop, Style::Danger)],
        Stage::Stalled { .. } => vec![
            button(rotation, "Retry failed", Action::Retry, Style::Primary),
            button(rotation, "Leave as it is", Action::Close, Style::Plain),
        ],
        _ => Vec::new(),
    }
}

fn button(rotation: &Rotation, words: &str, action: Action, style: Style) -> Button {
    let spoken = format!("{words}: {}", rotation.target.title);
    Button::new(words, &spoken, action, rotation.id.as_str()).styled(style)
}
