//! Orders to the objects of rotations, as a bot in this process gives them.

use std::rc::Rc;

use emulator::Lost as Broke;
use pbi_rotate::codec::record::{RotationOrder, RotationReply};
use pbi_rotate::domain::names::RotationId;
use pbi_rotate::flows::rotation;
use pbi_rotate::flows::rows::Rows;
use pbi_rotate::ports::{Rotations, Unanswered};

use super::{InProcess, cross};

impl Rotations for InProcess {
    async fn rotation(&self, id: &RotationId, order: RotationOrder) -> Result<RotationReply, Unanswered> {
        let breaks = self.rotation_breaks.borrow_mut().pop_front().flatten();
        if breaks == Some(Broke::Request) {
            return Err(Unanswered);
        }
        let object = Rc::clone(self.rotations.borrow_mut().entry(id.to_string()).or_default());
        let Ok(config) = &self.config else { return Err(Unanswered) };
        let isolate = Rc::clone(&self.isolate.borrow());
        let memory = isolate.memory(id.as_str());
        let rows = Rows::new(&*object, &memory);
        // The object answers in an invocation of its own.
        let (sent, deadline) = (self.sent.get() + 1, self.deadline.get());
        self.begin();
        let reply = Box::pin(rotation::handle(&self.house(config, &isolate), &rows, cross(&order))).await;
        assert!(self.sent.get() <= config.calls_per_waking, "the platform stops at that many calls");
        self.sent.set(sent);
        self.deadline.set(deadline);
        match breaks {
            Some(Broke::Silence) => std::future::pending().await,
            Some(_) => Err(Unanswered),
            None => Ok(cross(&reply?)),
        }
    }
}
