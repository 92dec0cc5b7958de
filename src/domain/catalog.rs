//! The catalog: every target an installation knows, and how to find one by what people type.

use std::collections::BTreeMap;

use super::names::{PersonId, SourceName, TargetName};
use super::policy::Subject;
use super::source::{Binding, SecretId, Source};
use super::target::{Destination, Target};

/// Every target, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The targets.
    pub targets: BTreeMap<TargetName, Target>,
    /// The secret managers, by name.
    pub sources: BTreeMap<SourceName, Source>,
    /// Who may look into everything: the doctor, every target's history.
    pub operators: Vec<Subject>,
    /// The ids of those who act under several.
    pub people: Vec<Vec<PersonId>>,
}

/// What one catalog changes against another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// In the new one only.
    pub added: Vec<TargetName>,
    /// In the old one only.
    pub removed: Vec<TargetName>,
    /// In both, not alike: the target, and the names of the parts that differ.
    pub changed: Vec<(TargetName, Vec<&'static str>)>,
    /// In both, bound to another secret, or to one in another place.
    pub moved: Vec<TargetName>,
    /// Whether secret managers are others, or others than before.
    pub sources: bool,
    /// Whether other people look after the installation.
    pub operators: bool,
    /// Whether others are one person than before.
    pub people: bool,
}

impl Difference {
    /// What `new` changes against `old`; every list is in the order of names.
    pub fn between(old: &Catalog, new: &Catalog) -> Self {
        let (operators, people) = (old.operators != new.operators, old.people != new.people);
        let sources = old.sources != new.sources;
        let mut difference = Self { operators, people, sources, ..Self::default() };
        for (name, target) in &new.targets {
            let Some(before) = old.targets.get(name) else {
                difference.added.push(name.clone());
                continue;
            };
            let parts = changed_parts(before, target);
            if bound_to(before) != bound_to(target) {
                difference.moved.push(name.clone());
            }
            if !parts.is_empty() {
                difference.changed.push((name.clone(), parts));
            }
        }
        for name in old.targets.keys() {
            if !new.targets.contains_key(name) {
                difference.removed.push(name.clone());
            }
        }
        difference
    }

    /// Whether the two are alike.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && !self.sources
            && !self.operators
            && !self.people
    }
}

/// Which secret a target is bound to, and where that is, whatever is taken from it.
fn bound_to(target: &Target) -> Option<(&SourceName, Option<&String>, &SecretId)> {
    target.binding.as_ref().map(|binding| (&binding.source, binding.place.as_ref(), &binding.secret))
}

/// The parts of a target that differ, by their keys in the catalog.
fn changed_parts(old: &Target, new: &Target) -> Vec<&'static str> {
    // Taken apart by name, so that a new part of a target cannot be forgotten here.
    let Target { name: _, title, login, binding, destinations, models, policy, notify, owner, rotate_every } = old;
    let parts = [
        ("title", *title == new.title),
        ("credential", *login == new.login),
        ("secret", *binding == new.binding),
        ("destinations", *destinations == new.destinations && *models == new.models),
        ("policy", *policy == new.policy),
        ("notify", *notify == new.notify),
        ("owner", *owner == new.owner),
        ("rotate_every", *rotate_every == new.rotate_every),
    ];
    parts.into_iter().filter_map(|(part, same)| (!same).then_some(part)).collect()
}

impl Catalog {
    /// The targets that are bound to a secret, with what they are bound to.
    pub fn bindings(&self) -> impl Iterator<Item = (&Target, &Binding)> {
        self.targets.values().filter_map(|target| Some((target, target.binding.as_ref()?)))
    }

    /// The targets in whose name, title or owner every one of the words occurs, in any case; those whose name begins with the
    /// first word come before the others. No words: every target.
    pub fn search(&self, words: &str) -> Vec<&Target> {
        let words: Vec<String> = words.split_whitespace().map(lowercase).collect();
        let first = words.first().map_or("", String::as_str);
        let (mut begin, mut others) = (Vec::new(), Vec::new());
        for target in self.targets.values() {
            let (name, title) = (target.name.as_str(), lowercase(&target.title));
            let owner = target.owner.as_ref().map(|owner| lowercase(owner)).unwrap_or_default();
            let occurs = |word: &String| [name, &title, &owner].iter().any(|text| text.contains(word.as_str()));
            if !words.iter().all(occurs) {
                continue;
            }
            if name.starts_with(first) { begin.push(target) } else { others.push(target) }
        }
        begin.append(&mut others);
        begin
    }

    /// The names somebody may have meant by `text`, nearest first, at most three.
    pub fn nearest(&self, text: &str) -> Vec<&TargetName> {
        let near = nearest(&text.to_ascii_lowercase(), &mut self.targets.keys().map(TargetName::as_str));
        near.into_iter().filter_map(|text| self.targets.keys().find(|name| name.as_str() == text)).collect()
    }

    /// The other ids under which somebody with one of these acts.
    pub fn also(&self, ids: &[PersonId]) -> Vec<PersonId> {
        let same = self.people.iter().filter(|person| person.iter().any(|id| ids.contains(id)));
        same.flatten().filter(|id| !ids.contains(id)).cloned().collect()
    }

    /// Whether a destination is a Fabric connection: such a catalog needs a cloud with Fabric.
    pub fn uses_fabric(&self) -> bool {
        let mut destinations = self.targets.values().flat_map(|target| &target.destinations);
        destinations.any(|destination| matches!(destination, Destination::Connection(_)))
    }
}

/// Letter by letter: what `str` adds to that, the sigma at the end of a Greek word, takes more tables than all the letters.
fn lowercase(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The candidates that are alike enough to `typed` to be what was meant, nearest first, at most three.
pub fn nearest<'a>(typed: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Vec<&'a str> {
    if typed.len() > LONGEST {
        return Vec::new();
    }
    let mut near: Vec<(f64, &str)> = Vec::new();
    for candidate in candidates {
        let alike = alike(typed, candidate);
        if alike >= ALIKE {
            // Kept in order by inserting: three are wanted, and a sort's code is many times larger.
            near.insert(near.partition_point(|(kept, _)| *kept >= alike), (alike, candidate));
            near.truncate(NEAREST);
        }
    }
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// How much of two texts agrees, from 0 to 1.
fn alike(one: &str, other: &str) -> f64 {
    let longest = one.chars().count().max(other.chars().count()).max(1);
    1.0 - strsim::osa_distance(one, other) as f64 / longest as f64
}

/// How many names are offered.
const NEAREST: usize = 3;

/// A longer text is no slip in any name (at most 63 characters), and comparing costs the product of the lengths.
const LONGEST: usize = 80;

/// How much of two words has to agree, from 0 to 1.
const ALIKE: f64 = 0.6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::credential::Login;
    use crate::domain::names::{Guid, PersonId, Room};
    use crate::domain::policy::Policy;
    use crate::domain::target::{Connection, Connectivity, DataSource, Privacy, Reach};

    fn target(name: &str, title: &str) -> Target {
        let guid = || Guid::parse("252b9de8-d915-4788-aaeb-ec8c2395f970").unwrap();
        Target {
            name: TargetName::parse(name).unwrap(),
            title: title.into(),
            login: Login::Key,
            binding: None,
            destinations: vec![Destination::DataSource(DataSource {
                gateway: guid(),
                id: guid(),
                reach: Reach::Cloud,
                privacy: Privacy::Private,
                encrypted_connection: true,
                end_user_sso: false,
                caller_identity: false,
                profile: None,
            })],
            models: Vec::new(),
            policy: Policy::open_to(vec![Subject::Person(PersonId::slack("U0ANA").unwrap())]),
            notify: Vec::new(),
            owner: None,
            rotate_every: None,
        }
    }

    fn catalog(targets: &[(&str, &str)]) -> Catalog {
        let named = |(name, title): &(&str, &str)| (TargetName::parse(name).unwrap(), target(name, title));
        Catalog {
            targets: targets.iter().map(named).collect(),
            sources: BTreeMap::new(),
            operators: Vec::new(),
            people: Vec::new(),
        }
    }

    #[test]
    fn a_difference_names_targets_and_their_parts() {
        let old = catalog(&[("a", "A"), ("b", "B"), ("c", "C")]);
        let mut new = catalog(&[("b", "B"), ("c", "Sea"), ("d", "D")]);
        let c = new.targets.get_mut(&TargetName::parse("c").unwrap()).unwrap();
        c.login = Login::Anonymous;
        c.destinations.push(c.destinations[0].clone());
        c.policy.askers.clear();
        c.notify.push(Room::slack("C0OPS").unwrap());
        c.owner = Some("Dana".into());
        c.rotate_every = Some(std::time::Duration::from_secs(86_400));
        let name = |text| TargetName::parse(text).unwrap();
        let parts = vec!["title", "credential", "destinations", "policy", "notify", "owner", "rotate_every"];
        let expected = Difference {
            added: vec![name("d")],
            removed: vec![name("a")],
            changed: vec![(name("c"), parts)],
            moved: Vec::new(),
            sources: false,
            operators: false,
            people: false,
        };
        assert_eq!(Difference::between(&old, &new), expected);
        let mut other = new.clone();
        other.operators = new.targets.values().next().unwrap().policy.askers.clone();
        let expected = Difference { operators: true, ..Difference::default() };
        assert_eq!(Difference::between(&new, &other), expected);
        assert!(!expected.is_empty());
        let expected = Difference::between(&old, &new);
        assert!(!expected.is_empty() && Difference::between(&new, &new).is_empty());
    }

    #[test]
    fn every_word_is_searched_in_name_title_and_owner() {
        let mut catalog =
            catalog(&[("crm", "Sales contacts"), ("old-sales", "Archive"), ("sales-db", "SALES Warehouse")]);
        let found = |words| catalog.search(words).iter().map(|target| target.name.as_str()).collect::<Vec<_>>();
        assert_eq!(found("sales"), ["sales-db", "crm", "old-sales"], "a name that begins with it comes first");
        assert_eq!(found("Ware sALES"), ["sales-db"]);
        assert_eq!(found("old contacts"), [""; 0]);
        catalog.targets.values_mut().next().unwrap().owner = Some("Dana, Sales OPS".into());
        let found = |words| catalog.search(words).iter().map(|target| target.name.as_str()).collect::<Vec<_>>();
        assert_eq!(found("dana ops"), ["crm"]);
        assert_eq!(found("  "), ["crm", "old-sales", "sales-db"]);
    }

    #[test]
    fn slips_of_the_finger_are_recognised() {
        let catalog = catalog(&[("sales-db", ""), ("sales-dw", ""), ("sales-dx", ""), ("sales-dy", ""), ("hr", "")]);
        let near = |text| catalog.nearest(text).iter().map(|name| name.as_str()).collect::<Vec<_>>();
        assert_eq!(near("SALES-DW"), ["sales-dw", "sales-db", "sales-dx"]);
        assert_eq!(near("rh"), [""; 0]);
        assert_eq!(near("finance"), [""; 0]);
        let long = "x".repeat(63);
        let one = self::catalog(&[(&long, "")]);
        assert_eq!(one.nearest(&"x".repeat(80)).len(), 1);
        assert_eq!(one.nearest(&"x".repeat(81)).len(), 0, "too long to be a slip");
    }

    #[test]
    fn one_connection_makes_it_use_fabric() {
        let mut catalog = catalog(&[("a", "A"), ("b", "B")]);
        assert!(!catalog.uses_fabric());
        catalog.targets.values_mut().last().unwrap().destinations.push(Destination::Connection(Connection {
            id: Guid::parse("70b17680-48f1-4729-9df6-02576647dc3a").unwrap(),
            via: Connectivity::ShareableCloud,
            privacy: Privacy::None,
            encryption: None,
            single_sign_on: None,
            skip_test: false,
            display_name: None,
            key_vault: None,
            usage_in_gateway: None,
        }));
        assert!(catalog.uses_fabric());
    }
}
