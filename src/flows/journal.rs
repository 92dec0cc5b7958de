//! A rotation's journal: what happened is logged and written down at once, and told to the register until it is in the audit.

use super::house::House;
use super::rows::Rows;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::domain::audit::{Entry, Origin};
use crate::domain::names::{Code, Guid};
use crate::domain::retry;
use crate::domain::rotation::{Event, Person, Requester, Rotation};
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;
use crate::ports::{Ports, Shelf, Unanswered};
use crate::trail::Line;

/// What is written down when a rotation is opened.
const OPEN: &str = "open";
/// Entries told in one go.
const AT_ONCE: usize = 100;

/// Something that happened to a rotation.
pub(super) struct Happened {
    what: &'static str,
    /// `ok`, or the name of what came of it instead.
    pub(super) outcome: &'static str,
    /// Where it led, when it led anywhere.
    pub(super) stage: Option<&'static str>,
    who: Option<Person>,
    /// Whether the person did it on the sealing page, and not in the chat.
    pub(super) on_page: bool,
    /// A place, or a model.
    place: Option<Guid>,
    code: Option<Code>,
    status: Option<u16>,
    request_id: Option<Code>,
    reason: Option<String>,
}

impl Happened {
    /// A rotation was opened.
    pub(super) fn opened(rotation: &Rotation) -> Self {
        Self {
            what: OPEN,
            outcome: "ok",
            stage: Some(rotation.stage.name()),
            who: rotation.requester.person().cloned(),
            on_page: false,
            place: None,
            code: None,
            status: None,
            request_id: None,
            reason: Some(rotation.reason.clone()),
        }
    }

    /// That event came to it.
    pub(super) fn by(event: &Event, rotation: &Rotation) -> Self {
        let trouble = event.trouble();
        let request_id = match event {
            Event::Updated(_, Ok(id)) => id.clone(),
            _ => trouble.and_then(|trouble| trouble.request_id.clone()),
        };
        let reason = match event {
            Event::Deny(_, why) => Some(why.clone()),
            _ => None,
        };
        let place = event.place().and_then(|at| rotation.runs.get(at)).map(|run| run.place.id());
        let model = event.model().and_then(|at| rotation.target.models.get(at)).map(|model| model.id.id());
        Self {
            what: event.name(),
            outcome: event.outcome(),
            stage: None,
            who: event.person().cloned(),
            on_page: false,
            place: place.or(model).cloned(),
            code: trouble.and_then(|trouble: &Trouble| trouble.code.clone()),
            status: trouble.and_then(|trouble| trouble.status),
            request_id,
            reason,
        }
    }

    /// A test or a refresh that is not waited for any longer has come to that.
    pub(super) fn given_up(&mut self, trouble: &Trouble) {
        if self.goes_on() {
            self.outcome = trouble.cause.name();
        }
    }

    /// Whether what came of it is not known yet.
    fn goes_on(&self) -> bool {
        matches!(self.outcome, "running" | "blocked")
    }

    /// Whether it belongs into the audit: a change of stage, what a person did, what was sent and tested. Not what only
    /// prepares or goes on, and not time that passes.
    fn lasting(&self) -> bool {
        let passing = ["tick", "postpone", "prepare", "find", "check"];
        // A refusal of somebody is in the audit by its own name, from the door where it was given.
        let refused = self.who.is_some() && self.outcome == "refused";
        !refused && (self.stage.is_some() || self.who.is_some() || !(self.goes_on() || passing.contains(&self.what)))
    }
}

/// Logs what happened, and writes it down.
///
/// # Errors
/// When the shelf fails.
pub(super) fn write<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    happened: &Happened,
) -> Result<(), Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(()) };
    let quiet = matches!(happened.what, "tick" | "postpone") && happened.stage.is_none();
    if !quiet {
        let mut line = Line::new(happened.what, happened.outcome);
        line.rotation = Some(rotation.id.clone());
        line.target = Some(rotation.target.name.clone());
        line.person = happened.who.as_ref().map(|person| person.id.clone());
        line.destination = happened.place.clone();
        line.code = happened.code.clone();
        line.status = happened.status;
        line.request_id = happened.request_id.clone();
        house.log(&line);
    }
    if !happened.lasting() {
        return Ok(());
    }
    let opened_by = match &rotation.requester {
        Requester::Source(source) if happened.what == OPEN => Some(source),
        _ => None,
    };
    let from = match &happened.who {
        None if opened_by.is_some() => Origin::Source,
        None => Origin::Clock,
        Some(_) if happened.on_page => Origin::Page,
        Some(person) => person.id.platform().into(),
    };
    let entry = Entry {
        stage: happened.stage.map(str::to_owned),
        who: happened.who.as_ref().map(|person| person.id.clone()),
        name: happened.who.as_ref().map(|person| person.name.clone()).or_else(|| opened_by.map(ToString::to_string)),
        target: Some(rotation.target.name.clone()),
        rotation: Some(rotation.id.clone()),
        place: happened.place.clone(),
        code: happened.code.clone(),
        status: happened.status,
        request_id: happened.request_id.clone(),
        reason: happened.reason.clone(),
        break_glass: rotation.break_glass,
        ..Entry::new(happened.what, happened.outcome, from, house.ports.now())
    };
    rows.write_down(&entry)
}

/// When the audit is due to be told; `None` when it has everything.
///
/// # Errors
/// When the shelf fails.
pub(super) fn due<S: Shelf>(rows: &Rows<'_, S>) -> Result<Option<Timestamp>, Unanswered> {
    let journal = rows.journal()?;
    Ok((journal.told < journal.next).then_some(journal.due))
}

/// Tells the register what it does not have yet. A failure is kept and planned again, never returned.
///
/// # Errors
/// When the shelf fails.
pub(super) async fn tell<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(()) };
    let journal = rows.journal()?;
    if journal.told == journal.next || journal.due > house.ports.now() {
        return Ok(());
    }
    let entries = rows.entries(journal.told, AT_ONCE)?;
    let source = rotation.id.to_string();
    drop(rotation);
    let answer = house.ports.register(RegisterOrder::Record { source, first: journal.told, entries }).await;
    // More may have happened meanwhile.
    let mut journal = rows.journal()?;
    match answer {
        Ok(RegisterReply::Recorded(next)) => {
            journal.told = next.min(journal.next);
            journal.failures = 0;
            rows.delete_entries(journal.told)?;
        }
        _ => {
            journal.failures = journal.failures.saturating_add(1);
            journal.due = house.ports.now() + retry::pause(journal.failures);
            house.log(&Line::new("audit", "retry"));
        }
    }
    rows.put_journal(journal)
}
