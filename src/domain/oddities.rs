//! What is odd about a catalog that is accepted all the same: the operator should know it, and may have meant it.

use super::catalog::Catalog;
use super::credential::Kind;
use super::names::Platform;
use super::policy::{Policy, Subject, groups};
use super::settable::{self, Place};
use super::target::{Connection, Connectivity, Destination, Target};

/// Everything odd, in the order of targets, each with what it is about. `absent` is where this installation is not.
pub fn oddities(catalog: &Catalog, absent: Option<Platform>) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(words) = elsewhere(&catalog.operators, absent) {
        told.push(format!("operators: {words}"));
    }
    for target in catalog.targets.values() {
        let mut notes = of_credential(target);
        of_policy(&target.policy, absent, &mut notes);
        of_rooms(target, absent, &mut notes);
        // Most places of a target are alike.
        notes.dedup();
        told.extend(notes.into_iter().map(|note| format!("{}: {note}", target.name)));
    }
    told
}

fn of_credential(target: &Target) -> Vec<String> {
    let places = target.destinations.iter().map(Place::of);
    let places = places.chain(target.models.iter().map(|model| Place::PowerBi(model.reach)));
    let mut told: Vec<_> =
        places.filter_map(|place| settable::notes(target.login.kind(), place)).map(str::to_owned).collect();
    for destination in &target.destinations {
        let Destination::Connection(connection) = destination else { continue };
        if connection.key_vault == Some(true) && target.binding.is_none() {
            told.push(format!(
                "what somebody enters is not put into connection {}, which takes its secret from Azure Key Vault, so no rotation \
                 gets everywhere: bind the target to that secret, or take the connection out",
                connection.id
            ));
        }
        if may_be_referenced(connection, target.login.kind()) {
            told.push(format!(
                "Fabric may take the secret of connection {} from Azure Key Vault, and does not show that: if so, an update \
                 puts a value in the reference's place; say key_vault = true, or false if not",
                connection.id
            ));
        }
    }
    told
}

/// Whether the secret there may be a reference, for all that is known (Fabric REST, Connections: the credentials with a
/// field that ends in `Reference`).
const fn may_be_referenced(connection: &Connection, kind: Kind) -> bool {
    matches!(connection.via, Connectivity::ShareableCloud | Connectivity::PersonalCloud)
        && matches!(kind, Kind::Basic | Kind::Key | Kind::ServicePrincipal | Kind::Sas)
        && connection.key_vault.is_none()
}

fn of_policy(policy: &Policy, absent: Option<Platform>, notes: &mut Vec<String>) {
    for (list, subjects) in
        [("askers", &policy.askers), ("approvers", &policy.approvers), ("break_glass", &policy.break_glass)]
    {
        if let Some(words) = elsewhere(subjects, absent) {
            notes.push(format!("of its {list}, {words}"));
        }
    }
    if policy.allow_self && policy.approvals == 1 {
        notes.push("with allow_self and one approval, whoever may ask and approve needs nobody else".to_owned());
    }
    let people = policy.approvers.len();
    let all_needed = usize::from(policy.approvals) == people && groups(&policy.approvers).next().is_none();
    if all_needed && !policy.allow_self {
        for asker in policy.askers.iter().filter(|asker| policy.approvers.contains(asker)) {
            let name = asker.as_str();
            notes.push(format!("{name} may ask, but never gets {people} approvals, as their own does not count"));
        }
    }
    if !policy.break_glass.is_empty() && policy.askers.iter().all(|asker| policy.break_glass.contains(asker)) {
        notes.push("everybody who may ask may break glass as well, so approvals and windows bind nobody".to_owned());
    }
}

fn of_rooms(target: &Target, absent: Option<Platform>, notes: &mut Vec<String>) {
    if target.notify.iter().any(|room| Some(room.platform()) == absent) {
        notes.push("this installation is not where some of its rooms are: they get no card".to_owned());
    }
    if !target.notify.is_empty() {
        return;
    }
    if target.rotate_every.is_some() {
        notes.push("without notify there is no room to remind in: what is due is logged only".to_owned());
    }
    if !target.policy.break_glass.is_empty() {
        notes.push("without notify nobody but the requester sees that glass was broken".to_owned());
    }
}

/// What is said of people and groups of a platform where this installation is not.
fn elsewhere(subjects: &[Subject], absent: Option<Platform>) -> Option<&'static str> {
    let (slack, words) = match absent? {
        Platform::Slack => (true, "whoever is named by a Slack id cannot act in Teams"),
        Platform::Teams => (false, "whoever is named by an Entra id cannot act in Slack"),
    };
    subjects.iter().any(|subject| subject.as_str().starts_with("slack:") == slack).then_some(words)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::credential::Login;
    use crate::domain::names::{GroupId, Guid, PersonId, Room, TargetName};
    use crate::domain::target::{ItemId, Model, Privacy, Reach};

    fn people(ids: &[&str]) -> Vec<Subject> {
        let person = |id: &str| PersonId::parse(id).map(Subject::Person);
        let subject = |id: &&str| person(id).or_else(|_| GroupId::parse(id).map(Subject::Group)).unwrap();
        ids.iter().map(subject).collect()
    }

    fn told(spoil: impl FnOnce(&mut Target)) -> Vec<String> {
        let guid = || Guid::parse("252b9de8-d915-4788-aaeb-ec8c2395f970").unwrap();
        let model = Model {
            workspace: guid(),
            id: ItemId::Dataset(guid()),
            only: None,
            reach: Reach::OnPremises,
            privacy: Privacy::Private,
            encrypted_connection: true,
            end_user_sso: false,
            profile: None,
            take_over: false,
            refresh: false,
        };
        let mut target = Target {
            name: TargetName::parse("a").unwrap(),
            title: "A".into(),
            login: Login::Key,
            binding: None,
            destinations: Vec::new(),
            models: vec![model.clone(), model],
            policy: Policy::open_to(people(&["slack:U0ANA", "slack:S0DATA"])),
            notify: vec![Room::slack("C0OPS").unwrap()],
            owner: None,
            rotate_every: None,
        };
        spoil(&mut target);
        let catalog = Catalog { targets: [(target.name.clone(), target)].into(), ..Catalog::default() };
        oddities(&catalog, Some(Platform::Teams))
    }

    #[test]
    fn an_ordinary_target_is_not_odd() {
        assert_eq!(told(|_| {}), [""; 0]);
        let approved = told(|target| {
            target.policy.approvers = people(&["slack:U0ANA", "slack:S0LEADS"]);
            target.policy.approvals = 2;
            target.policy.break_glass = people(&["slack:U0ANA"]);
            target.rotate_every = Some(Duration::from_secs(86_400));
        });
        assert_eq!(approved, [""; 0]);
    }

    #[test]
    fn a_kind_with_a_note_is_told_once() {
        let note = "a: Power BI keeps no refresh token for an OAuth2 token set this way: it works for about one hour";
        assert_eq!(told(|target| target.login = Login::OAuth2), [note]);
    }

    #[test]
    fn policies_that_bind_less_than_they_seem_to() {
        let object = "entra:252b9de8-d915-4788-aaeb-ec8c2395f970";
        let entra = told(|target| {
            target.policy.approvers = people(&["slack:U0BEN", object]);
            target.policy.approvals = 1;
        });
        assert_eq!(entra, ["a: of its approvers, whoever is named by an Entra id cannot act in Slack"]);
        let alone = told(|target| {
            target.policy.approvers = people(&["slack:S0LEADS"]);
            (target.policy.approvals, target.policy.allow_self) = (1, true);
        });
        assert_eq!(alone, ["a: with allow_self and one approval, whoever may ask and approve needs nobody else"]);
        let stuck = told(|target| {
            target.policy.approvers = people(&["slack:U0ANA", "slack:U0BEN"]);
            target.policy.approvals = 2;
        });
        assert_eq!(stuck, ["a: slack:U0ANA may ask, but never gets 2 approvals, as their own does not count"]);
        let glass = told(|target| {
            target.policy.approvers = people(&["slack:S0LEADS"]);
            target.policy.approvals = 1;
            target.policy.break_glass = people(&["slack:S0DATA", "slack:U0ANA", "slack:U0BEN"]);
        });
        assert_eq!(glass, ["a: everybody who may ask may break glass as well, so approvals and windows bind nobody"]);
    }

    #[test]
    fn what_has_to_be_seen_needs_a_room() {
        let silent = told(|target| {
            target.notify.clear();
            target.rotate_every = Some(Duration::from_secs(86_400));
            target.policy.break_glass = people(&["slack:U0BEN"]);
        });
        let far = told(|target| target.notify = vec![Room::parse("teams:19:a@thread.tacv2").unwrap()]);
        assert_eq!(far, ["a: this installation is not where some of its rooms are: they get no card"]);
        let expected = [
            "a: without notify there is no room to remind in: what is due is logged only",
            "a: without notify nobody but the requester sees that glass was broken",
        ];
        assert_eq!(silent, expected);
    }

    #[test]
    fn operators_are_looked_at_too() {
        let group = "entra-group:252b9de8-d915-4788-aaeb-ec8c2395f970";
        let catalog = |ids: &[&str]| Catalog { operators: people(ids), ..Catalog::default() };
        let expected = ["operators: whoever is named by an Entra id cannot act in Slack"];
        let absent = Some(Platform::Teams);
        assert_eq!(oddities(&catalog(&["slack:U0OPS", group]), absent), expected);
        assert_eq!(oddities(&catalog(&["slack:U0OPS", "slack:S0OPS"]), absent), [""; 0]);
        let expected = ["operators: whoever is named by a Slack id cannot act in Teams"];
        assert_eq!(oddities(&catalog(&["slack:U0OPS", group]), Some(Platform::Slack)), expected);
        assert_eq!(oddities(&catalog(&["slack:U0OPS", group]), None), [""; 0], "here are both");
    }
}
