//! Making what a secret manager says wait, and letting it through again: for operators.

use super::answer::{Answer, Shown};
use super::house::House;
use super::identity::{among, member};
use crate::codec::chat::Caller;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::codec::sheet::Sheet;
use crate::domain::audit::Entry;
use crate::domain::names::SourceName;
use crate::domain::refusal::Refusal;
use crate::ports::{Ports, Unanswered};

/// Answers the command.
///
/// # Errors
/// When whoever typed is no operator, or there is no such secret manager.
pub async fn typed<P: Ports>(
    house: House<'_, P>,
    caller: &Caller,
    source: Option<SourceName>,
    paused: bool,
) -> Result<Answer, Refusal> {
    let member = member(house, caller).await?;
    let operators = match house.ports.register(RegisterOrder::Operators).await {
        Ok(RegisterReply::Operators(operators)) => operators,
        _ => return Err(Refusal::Storage),
    };
    if !among(house, &member, &operators).await? {
        return Err(Refusal::NotOperator);
    }
    let known = match house.ports.register(RegisterOrder::Sources).await {
        Ok(RegisterReply::Sources(sources)) => sources,
        _ => return Err(Refusal::Storage),
    };
    let named = source.filter(|name| known.iter().any(|seen| seen.source.name == *name));
    let Some(source) = named else {
        return Err(Refusal::UnknownSource(known.into_iter().map(|seen| seen.source.name).collect()));
    };
    let mut entry =
        Entry::new(if paused { "pause" } else { "resume" }, "ok", caller.platform().into(), house.ports.now());
    entry.who = Some(member.person.id);
    entry.name = Some(member.person.name);
    entry.note = Some(source.to_string());
    let order = RegisterOrder::Pause { source: source.clone(), paused, entry: Box::new(entry) };
    house.ports.register(order).await.map_err(|Unanswered| Refusal::Storage)?;
    let words = match paused {
        true => format!(
            "Paused: what {source} says is taken and waits. Rotations that are under way go on; people can still rotate."
        ),
        false => format!("Resumed: what {source} said meanwhile is looked at now."),
    };
    Ok(Shown::Message(Sheet::plain(words)).into())
}
