//! Telling what happened last to those whom it concerns.

use super::answer::{Answer, Shown};
use super::ask::find;
use super::house::House;
use super::identity::{among, member};
use crate::codec::chat::Caller;
use crate::codec::content::history;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::domain::names::TargetName;
use crate::domain::policy::Subject;
use crate::domain::refusal::Refusal;
use crate::ports::Ports;

/// The history of a target, for whoever has a part in its policy; of everything, for operators.
///
/// # Errors
/// A refusal, to be shown to whoever asked.
pub async fn typed<P: Ports>(
    house: House<'_, P>,
    caller: &Caller,
    target: Option<TargetName>,
) -> Result<Answer, Refusal> {
    let member = member(house, caller).await?;
    let mut readers = Vec::new();
    if let Some(name) = &target {
        let (target, _) = find(house, name.clone()).await?;
        let policy = target.policy;
        readers.extend([policy.askers, policy.approvers, policy.break_glass].concat());
    }
    readers.extend(operators(house).await?);
    // A group that has several roles is asked for once.
    let mut each: Vec<Subject> = Vec::new();
    for reader in readers {
        if !each.contains(&reader) {
            each.push(reader);
        }
    }
    if !among(house, &member, &each).await? {
        return Err(target.map_or(Refusal::NotOperator, Refusal::NotConcerned));
    }
    match house.ports.register(RegisterOrder::History(target.clone())).await {
        Ok(RegisterReply::Happened(entries)) => Ok(Shown::Message(history::history(&entries, target.as_ref())).into()),
        _ => Err(Refusal::Storage),
    }
}

/// Who may look into everything.
///
/// # Errors
/// When the register does not answer.
pub(super) async fn operators<P: Ports>(house: House<'_, P>) -> Result<Vec<Subject>, Refusal> {
    match house.ports.register(RegisterOrder::Operators).await {
        Ok(RegisterReply::Operators(operators)) => Ok(operators),
        _ => Err(Refusal::Storage),
    }
}
