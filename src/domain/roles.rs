//! Which roles somebody has in a target, and through what.

use super::names::{GroupId, PersonId};
use super::policy::{Subject, groups, names};

/// Whether somebody is one of those who are named, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held<'a> {
    /// They are named.
    ByName,
    /// A group is named, and they are in it.
    Through(&'a GroupId),
    /// Not as far as is known, but this group could not be asked. Never taken for yes.
    Unknown(&'a GroupId),
    /// They are not.
    No,
}

/// Which groups somebody is in, as far as that could be found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    /// They are in these.
    pub inside: Vec<GroupId>,
    /// These could not be asked.
    pub unasked: Vec<GroupId>,
}

impl Memberships {
    /// How somebody with these ids is one of the subjects.
    pub fn held<'a>(&self, subjects: &'a [Subject], ids: &[PersonId]) -> Held<'a> {
        if names(subjects, ids) {
            return Held::ByName;
        }
        let among = |known: &[GroupId]| groups(subjects).find(|group| known.contains(group));
        match (among(&self.inside), among(&self.unasked)) {
            (Some(group), _) => Held::Through(group),
            (None, Some(group)) => Held::Unknown(group),
            (None, None) => Held::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_before_a_group_and_a_group_before_doubt() {
        let ana = [PersonId::slack("W0ANA").unwrap(), PersonId::slack("U0ANA").unwrap()];
        let group = |id| GroupId::slack(id).unwrap();
        let (data, leads, gone) = (group("S0DATA"), group("S0LEADS"), group("S0GONE"));
        let of = |groups: &[&GroupId]| groups.iter().map(|group| Subject::Group((*group).clone())).collect::<Vec<_>>();
        let known = Memberships { inside: vec![data.clone()], unasked: vec![gone.clone()] };
        let held = |subjects: &[Subject]| format!("{:?}", known.held(subjects, &ana));
        let mut named = of(&[&gone, &data]);
        assert_eq!(held(&named), format!("{:?}", Held::Through(&data)));
        named.push(Subject::Person(ana[1].clone()));
        assert_eq!(held(&named), "ByName");
        assert_eq!(held(&of(&[&leads, &gone])), format!("{:?}", Held::Unknown(&gone)));
        assert_eq!(held(&of(&[&leads])), "No");
    }
}
