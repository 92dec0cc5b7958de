//! A target as lists show it: its names, what is live, what happened last.

use std::collections::BinaryHeap;
use std::time::Duration;

use super::names::{RotationId, TargetName};
use super::policy::Subject;
use super::rotation::{Rotation, Stage};
use super::time::Timestamp;

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What people type.
    pub name: TargetName,
    /// What people read.
    pub title: String,
    /// Whom to ask about it.
    pub owner: Option<String>,
    /// Who may ask for its rotation.
    pub askers: Vec<Subject>,
    /// Who may approve it.
    pub approvers: Vec<Subject>,
    /// How often it has to be rotated.
    pub rotate_every: Option<Duration>,
    /// Since when its credential is in force: its last complete rotation from here, or else the day its target was put.
    pub since: Timestamp,
    /// Its live rotation.
    pub live: Option<RotationId>,
    /// The last rotation that touched it.
    pub last: Option<Last>,
}

impl Listed {
    /// When it has to be rotated again; `None` when it has not to be.
    pub fn due(&self) -> Option<Timestamp> {
        Some(self.since + self.rotate_every?)
    }
}

/// Puts items in the order of `key`; equal ones stay as they were. Numbers are what is sorted, because the Worker carries a
/// sort's code once for each type that is.
pub fn in_order<T>(items: &mut Vec<T>, key: impl FnMut(&T) -> i64) {
    let order: BinaryHeap<_> = items.iter().map(key).zip(0..).collect();
    let mut taken: Vec<_> = items.drain(..).map(Some).collect();
    let of = |(_, at): (i64, usize)| taken.get_mut(at)?.take();
    items.extend(order.into_sorted_vec().into_iter().filter_map(of));
}

/// How old a target's credential is, and when people were last reminded of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// Since when the credential is in force, as far as is known here.
    pub since: Timestamp,
    /// The last reminder since then.
    pub reminded: Option<Timestamp>,
}

/// How long beforehand people are first reminded, and how often after that.
const WEEK: i64 = 7;

impl Age {
    /// Whether people are to be reminded now of what is due then: from a week before, once a week, and on the day itself.
    ///
    /// Counted in days, because what runs once a day does not run at the same second.
    pub fn wants_reminder(&self, due: Timestamp, now: Timestamp) -> bool {
        let day = |at: Timestamp| at.as_secs().div_euclid(24 * 60 * 60);
        let (due, today) = (day(due), day(now));
        match self.reminded.map(day) {
            None => today >= due - WEEK,
            Some(reminded) => today >= due - WEEK && (reminded < due && due <= today || today >= reminded + WEEK),
        }
    }
}

/// The end of the last rotation that looked at its places and went on from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Which one.
    pub rotation: RotationId,
    /// How it ended.
    pub how: Ending,
    /// When.
    pub at: Timestamp,
}

/// How a rotation ended that got as far as looking at its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every destination is good.
    Applied,
    /// Some are.
    PartlyApplied,
    /// None is.
    Failed,
    /// Nothing was sent to any: none was ready, or the maintenance window closed.
    Unsent,
}

impl Ending {
    /// The ending of a rotation; `None` for one that has not ended, and for ends that people or time brought before the beginning.
    pub fn of(rotation: &Rotation) -> Option<Self> {
        match rotation.stage {
            Stage::Applied => Some(Self::Applied),
            Stage::PartlyApplied => Some(Self::PartlyApplied),
            Stage::Failed if rotation.runs.iter().any(|run| run.begun) => Some(Self::Failed),
            Stage::Failed => Some(Self::Unsent),
            _ => None,
        }
    }

    /// In words, before a date.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Applied => "rotated",
            Self::PartlyApplied => "partly rotated",
            Self::Failed => "ended without success",
            Self::Unsent => "ended before anything was sent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days on which people are reminded of what is due on day 100, by a run a day that is not quite punctual.
    fn reminders(days: impl Iterator<Item = i64>) -> Vec<i64> {
        let mut age = Age { since: Timestamp(0), reminded: None };
        let due = Timestamp::from_secs(100 * 86_400 + 50_000);
        let mut told = Vec::new();
        for day in days {
            let now = Timestamp::from_secs(day * 86_400 + 25_200 - day % 7);
            for _ in 0..2 {
                if age.wants_reminder(due, now) {
                    age.reminded = Some(now);
                    told.push(day);
                }
            }
        }
        told
    }

    #[test]
    fn items_are_put_in_order_and_equal_ones_stay_as_they_were() {
        let mut items = vec![('c', 2), ('a', i64::MAX), ('d', 1), ('b', 2), ('e', i64::MIN), ('f', 1)];
        in_order(&mut items, |(_, key)| *key);
        let names: String = items.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, "edfcba");
    }

    #[test]
    fn people_are_reminded_once_a_week_and_on_the_day() {
        assert_eq!(reminders(0..=120), [93, 100, 107, 114]);
        assert_eq!(reminders(96..=112), [96, 100, 107], "put when it was nearly due");
        assert_eq!(reminders(130..=140), [130, 137], "put when it was long overdue");
    }

    #[test]
    fn a_day_without_a_run_is_made_up_for() {
        assert_eq!(reminders((0..=120).filter(|day| *day != 100)), [93, 101, 108, 115]);
        assert_eq!(reminders((0..=120).filter(|day| !(93..=99).contains(day))), [100, 107, 114]);
    }

    #[test]
    fn a_clock_that_is_put_back_reminds_nobody_twice() {
        assert_eq!(reminders((0..=101).chain(98..=108)), [93, 100, 107]);
    }
}
