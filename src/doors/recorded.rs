//! What is refused to somebody who was proven to be who they are: into the log at once, into the audit after the answer.

use crate::domain::refusal::Refusal;
use crate::flows::answer::{After, Answer};
use crate::flows::house::House;
use crate::flows::refused::Wanted;
use crate::ports::Ports;
use crate::trail::Line;

/// The answer that refuses, after which the audit is told.
pub(super) fn recorded<P: Ports>(
    house: House<'_, P>,
    wanted: Wanted,
    refusal: &Refusal,
    line: &mut Line,
    mut answer: Answer,
) -> Answer {
    log(refusal, line);
    let entry = wanted.refused(house, line.person.clone(), refusal);
    // The audit takes so many refusals of one person and no more; the log has to do without it.
    (line.rotation, line.target) = (entry.rotation.clone(), entry.target.clone());
    answer.after.push(After::Record(Box::new(entry)));
    answer
}

/// Puts a refusal into the line of its request.
pub(super) fn log(refusal: &Refusal, line: &mut Line) {
    line.outcome = refusal.name();
    line.fault = Some(refusal.fault());
    if let Refusal::Service(trouble) = refusal {
        line.code = trouble.code.clone();
    }
}
