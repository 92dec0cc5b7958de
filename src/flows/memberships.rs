//! In which groups somebody is now, for answers that depend on many: each group is asked once.

use super::chats;
use super::house::House;
use super::together::{Pending, each};
use crate::domain::names::{GroupId, PersonId};
use crate::domain::roles::Memberships;
use crate::domain::trouble::Trouble;
use crate::ports::Ports;

/// Asks whether somebody with these ids is in the groups, of which no more than so many are asked. Answers with it why the last
/// one could not be asked that could not.
pub(super) async fn memberships<'a, P: Ports>(
    house: House<'_, P>,
    groups: impl Iterator<Item = &'a GroupId>,
    people: &[PersonId],
    most: usize,
) -> (Memberships, Option<Trouble>) {
    let (mut known, mut why) = (Memberships::default(), None);
    let mut distinct: Vec<&GroupId> = Vec::new();
    for group in groups {
        if !distinct.contains(&group) {
            distinct.push(group);
        }
    }
    let left = distinct.split_off(distinct.len().min(most));
    known.unasked.extend(left.into_iter().cloned());
    // Entra answers about many at once.
    let (entra, slack): (Vec<&GroupId>, Vec<&GroupId>) = distinct.into_iter().partition(|group| !group.is_slack());
    match chats::entra_groups(house, &entra, people).await {
        Ok(inside) => known.inside.extend(inside),
        Err(trouble) => {
            known.unasked.extend(entra.into_iter().cloned());
            why = Some(trouble);
        }
    }
    // Somebody who is not known in Slack is in none of its groups.
    let distinct = if people.iter().any(PersonId::is_slack) { slack } else { Vec::new() };
    let asked = distinct.iter().map(|group| -> Pending<'_, _> { Box::pin(chats::in_group(house, group, people)) });
    let answers = each(asked).await;
    for (group, answer) in distinct.into_iter().zip(answers) {
        match answer {
            Ok(true) => known.inside.push(group.clone()),
            Ok(false) => {}
            Err(trouble) => {
                known.unasked.push(group.clone());
                why = Some(trouble);
            }
        }
    }
    (known, why)
}
