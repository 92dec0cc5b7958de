//! In which targets somebody has a role, as the register finds them.

use crate::codec::record::RegisterReply;
use crate::domain::catalog::Catalog;
use crate::domain::names::{GroupId, PersonId, TargetName};
use crate::domain::policy::{Policy, Role, Subject, groups};

/// Targets in one answer.
const MOST_TARGETS: usize = 20;

const ROLES: [Role; 3] = [Role::Asker, Role::Approver, Role::BreakGlass];

/// The targets in which one of these people or groups has a role; with a name, that target whoever has.
pub(super) fn find(
    catalog: &Catalog,
    target: Option<&TargetName>,
    people: &[PersonId],
    inside: &[GroupId],
) -> RegisterReply {
    if let Some(name) = target.filter(|name| !catalog.targets.contains_key(name)) {
        return RegisterReply::NotFound(catalog.nearest(name.as_str()).into_iter().cloned().collect());
    }
    let asked = |name: &TargetName| target.is_none_or(|asked| asked == name);
    let mut every = Vec::new();
    note(&catalog.operators, &mut every);
    let (mut found, mut more) = (Vec::new(), 0);
    for (name, target_of_name) in catalog.targets.iter().filter(|(name, _)| asked(name)) {
        let policy = &target_of_name.policy;
        for role in ROLES {
            note(policy.holders(role), &mut every);
        }
        if target.is_none() && !concerns(policy, people, inside) {
            continue;
        }
        if found.len() < MOST_TARGETS {
            found.push((name.clone(), policy.clone()));
        } else {
            more += 1;
        }
    }
    RegisterReply::Roles { operators: catalog.operators.clone(), groups: every, found, more }
}

fn concerns(policy: &Policy, people: &[PersonId], inside: &[GroupId]) -> bool {
    let named = |subject: &Subject| match subject {
        Subject::Person(person) => people.contains(person),
        Subject::Group(group) => inside.contains(group),
    };
    ROLES.iter().any(|role| policy.holders(*role).iter().any(named))
}

/// Adds the groups, once each: most targets name the same.
fn note(subjects: &[Subject], every: &mut Vec<GroupId>) {
    for group in groups(subjects) {
        if !every.contains(group) {
            every.push(group.clone());
        }
    }
}
