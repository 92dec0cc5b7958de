//! Writing into the audit what somebody was refused: who wanted what, and why not. Never what they typed.

use super::house::House;
use crate::codec::chat::{Caller, Submission, Tap, Typed};
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
use crate::codec::sheet::{Action, FormKind};
use crate::domain::audit::{Entry, Origin};
use crate::domain::names::{PersonId, RotationId};
use crate::domain::policy::Manner;
use crate::domain::refusal::Refusal;
use crate::ports::Ports;
use crate::trail::Line;

/// How often the register is asked to take an entry.
const TRIES: usize = 3;

/// What somebody wanted, by our own names for it.
pub struct Wanted {
    what: &'static str,
    rotation: Option<RotationId>,
    from: Origin,
}

impl Wanted {
    /// By typing a command.
    pub fn typed(typed: &Typed) -> Self {
        Self { what: typed.wish.name(), rotation: None, from: typed.occasion.caller.platform().into() }
    }

    /// By opening a form.
    pub fn form(manner: Manner, caller: &Caller) -> Self {
        Self { what: manner.name(), rotation: None, from: caller.platform().into() }
    }

    /// By tapping a button.
    pub fn tapped(tap: &Tap) -> Self {
        let what = match tap.action {
            Some(Action::Open) => "rotate",
            Some(Action::OpenBreakGlass) => BREAK_GLASS,
            Some(Action::OpenRollback) => Manner::Rollback.name(),
            Some(Action::Enter) => "supply",
            Some(Action::Approve) => "approve",
            Some(Action::Reject) => "deny",
            Some(Action::Cancel) => "cancel",
            Some(Action::Stop) => "stop",
            Some(Action::Retry) => "retry",
            Some(Action::Close) => "close",
            Some(Action::Page) | None => "unknown-button",
        };
        Self { what, rotation: RotationId::parse(&tap.value).ok(), from: tap.occasion.caller.platform().into() }
    }

    /// By sending a form.
    pub fn sent(form: &Submission) -> Self {
        let what = match form.form {
            Some(FormKind::Request) => "open",
            Some(FormKind::BreakGlass) => BREAK_GLASS,
            Some(FormKind::Rollback) => Manner::Rollback.name(),
            Some(FormKind::Credential) => "supply",
            Some(FormKind::Reject) => "deny",
            None => "unknown-form",
        };
        Self { what, rotation: RotationId::parse(&form.about).ok(), from: form.occasion.caller.platform().into() }
    }

    /// By opening the sealing page, or sending from it.
    pub fn on_page(rotation: &RotationId) -> Self {
        Self { what: "supply", rotation: Some(rotation.clone()), from: Origin::Page }
    }

    /// What the audit says of its refusal, by that name. `sender` is whom the request names; who that is was perhaps asked
    /// meanwhile.
    pub fn turned_away<P: Ports>(self, house: House<'_, P>, sender: Option<PersonId>, why: &str) -> Entry {
        let caller = house.caller.and_then(|caller| caller.get());
        let mut entry = Entry::new(self.what, why, self.from, house.ports.now());
        entry.who = caller.map(|person| person.id.clone()).or(sender);
        entry.name = caller.map(|person| person.name.clone());
        entry.rotation = self.rotation;
        entry.break_glass = self.what == BREAK_GLASS;
        entry
    }

    /// The same of a refusal that people get in words.
    pub fn refused<P: Ports>(self, house: House<'_, P>, sender: Option<PersonId>, refusal: &Refusal) -> Entry {
        let mut entry = self.turned_away(house, sender, refusal.name());
        match refusal {
            Refusal::NotAsker(target)
            | Refusal::NotApprover(target)
            | Refusal::NotBreakGlass(target)
            | Refusal::NotConcerned(target)
            | Refusal::NotBound(target)
            | Refusal::NoPrevious(target) => {
                entry.target = Some(target.clone());
            }
            Refusal::Occupied(id) | Refusal::Unclear(id) => entry.rotation = Some(id.clone()),
            Refusal::Service(trouble) => {
                entry.code = trouble.code.clone();
                entry.status = trouble.status;
                entry.request_id = trouble.request_id.clone();
            }
            _ => {}
        }
        entry
    }
}

const BREAK_GLASS: &str = Manner::BreakGlass.name();

/// Gives the entry to the register. It has a source of its own, so that it is written once however often it is given.
pub async fn record<P: Ports>(house: House<'_, P>, entry: Entry) {
    record_of(house, house.random_id().to_string(), entry).await;
}

/// The same of what may be refused again and again: only the first of that source is written.
pub(super) async fn record_of<P: Ports>(house: House<'_, P>, source: String, mut entry: Entry) {
    if let Some(id) = &entry.rotation
        && let Ok(RotationReply::State(rotation)) = house.ports.rotation(id, RotationOrder::View).await
    {
        entry.target = Some(rotation.target.name);
    }
    for _ in 0..TRIES {
        let order = RegisterOrder::Refused { source: source.clone(), entry: Box::new(entry.clone()) };
        if let Ok(RegisterReply::Finished) = house.ports.register(order).await {
            return;
        }
    }
    house.log(&Line::new("audit", "lost"));
}
