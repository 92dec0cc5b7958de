//! Writing into the audit what somebody was refused: who wanted what, and why not. Never what they typed.

use super::house::House;
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
use crate::codec::slack::command::Wish;
use crate::codec::slack::interaction::{Submission, Tap};
use crate::codec::slack::{card, message, view};
use crate::domain::audit::{Entry, Origin};
use crate::domain::names::{PersonId, RotationId};
use crate::domain::refusal::Refusal;
use crate::ports::Ports;
use crate::trail::Line;

/// How often the register is asked to take an entry.
const TRIES: usize = 3;

/// What somebody wanted, by our own names for it.
pub struct Wanted {
    what: &'static str,
    rotation: Option<RotationId>,
}

impl Wanted {
    /// By typing a command.
    pub const fn typed(wish: &Wish) -> Self {
        Self { what: wish.name(), rotation: None }
    }

    /// By opening a form.
    pub const fn form(break_glass: bool) -> Self {
        Self { what: if break_glass { BREAK_GLASS } else { "rotate" }, rotation: None }
    }

    /// By tapping a button.
    pub fn tapped(tap: &Tap) -> Self {
        let what = match tap.action.as_str() {
            message::OPEN_BUTTON => "rotate",
            card::ENTER_BUTTON => "supply",
            card::APPROVE_BUTTON => "approve",
            card::REJECT_BUTTON => "deny",
            card::CANCEL_BUTTON => "cancel",
            card::STOP_BUTTON => "stop",
            card::RETRY_BUTTON => "retry",
            card::CLOSE_BUTTON => "close",
            _ => "unknown-button",
        };
        Self { what, rotation: RotationId::parse(&tap.value).ok() }
    }

    /// By sending a form.
    pub fn sent(form: &Submission) -> Self {
        let what = match form.form.as_str() {
            view::REQUEST_FORM => "open",
            view::BREAK_GLASS_FORM => BREAK_GLASS,
            view::CREDENTIAL_FORM => "supply",
            view::REJECT_FORM => "deny",
            _ => "unknown-form",
        };
        Self { what, rotation: RotationId::parse(&form.metadata).ok() }
    }

    /// What the audit says of its refusal. `sender` is whom the request names; who that is was perhaps asked meanwhile.
    pub fn refused<P: Ports>(self, house: House<'_, P>, sender: Option<PersonId>, refusal: &Refusal) -> Entry {
        let caller = house.caller.and_then(|caller| caller.get());
        let mut entry = Entry::new(self.what, refusal.name(), Origin::Slack, house.ports.now());
        entry.who = caller.map(|person| person.id.clone()).or(sender);
        entry.name = caller.map(|person| person.name.clone());
        entry.rotation = self.rotation;
        entry.break_glass = self.what == BREAK_GLASS;
        match refusal {
            Refusal::NotAsker(target)
            | Refusal::NotApprover(target)
            | Refusal::NotBreakGlass(target)
            | Refusal::NotConcerned(target) => {
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

const BREAK_GLASS: &str = "break-glass";

/// Gives the entry to the register. It has a source of its own, so that it is written once however often it is given.
pub async fn record<P: Ports>(house: House<'_, P>, mut entry: Entry) {
    if let Some(id) = &entry.rotation
        && let Ok(RotationReply::State(rotation)) = house.ports.rotation(id, RotationOrder::View).await
    {
        entry.target = Some(rotation.target.name);
    }
    let source = house.random_id().to_string();
    for _ in 0..TRIES {
        let order = RegisterOrder::Record { source: source.clone(), first: 0, entries: vec![entry.clone()] };
        if let Ok(RegisterReply::Recorded(_)) = house.ports.register(order).await {
            return;
        }
    }
    house.log(&Line::new("audit", "lost"));
}
