//! Maintenance windows: on which days and between which hours of a place something may be changed.

use std::time::Duration;

use super::names::Zone;
use super::time::Timestamp;

/// A window that opens at the same local time on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The days it opens on; never empty.
    pub days: Vec<Day>,
    /// When it opens, in minutes after local midnight, below 1,440.
    pub from: u16,
    /// When it closes, in minutes after local midnight; if not after `from`, on the next day.
    pub to: u16,
    /// Whose time that is.
    pub zone: Zone,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// Every day, Monday first.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// Their names in the catalog, in that order.
    pub const NAMES: [&'static str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
}

/// What clocks show in which place. An argument, as the time is: only the platform knows the time zone database.
pub trait Zones {
    /// How far local time is ahead of UTC there and then, in minutes; `None` for a zone that is not known.
    fn offset(&self, zone: &Zone, at: Timestamp) -> Option<i32>;
}

/// A stretch of time in which something may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
}

const DAY: i64 = 24 * 60;

/// The opening that is now, or the next one within a week, of which at least so much is left; `None` if there is none, or no
/// window can be placed in time. Openings that touch or overlap are one.
pub fn opening(windows: &[Window], now: Timestamp, least: Duration, zones: &dyn Zones) -> Option<Opening> {
    let left = |opening: &Opening| opening.from.max(now) + least <= opening.until;
    // To the same day in a week.
    joined(windows, now, 7, zones).into_iter().find(|opening| opening.until > now && left(opening))
}

/// Until when something may be changed, if it may be now.
pub fn closing(windows: &[Window], now: Timestamp, zones: &dyn Zones) -> Option<Timestamp> {
    let openings = joined(windows, now, 1, zones);
    openings.into_iter().find(|opening| opening.from <= now && now < opening.until).map(|opening| opening.until)
}

/// The openings from yesterday, because a window may run past midnight, to so many days ahead: in order, and what touches
/// or overlaps as one.
fn joined(windows: &[Window], now: Timestamp, ahead: i64, zones: &dyn Zones) -> Vec<Opening> {
    let mut openings: Vec<Opening> = Vec::new();
    for window in windows {
        for day in -1..=ahead {
            // Where clocks are put forward over all of it, it does not open.
            if let Some(opening) = window.opening(now, day, zones).filter(|opening| opening.from < opening.until) {
                // Kept in order by inserting: there are few, and a sort's code is many times larger.
                openings.insert(openings.partition_point(|other| other.from <= opening.from), opening);
            }
        }
    }
    let mut joined: Vec<Opening> = Vec::new();
    for opening in openings {
        match joined.last_mut() {
            Some(last) if opening.from <= last.until => last.until = last.until.max(opening.until),
            _ => joined.push(opening),
        }
    }
    joined
}

impl Window {
    /// How long it is open, by clocks that are not changed meanwhile.
    pub const fn length(&self) -> Duration {
        let minutes = if self.to > self.from { self.to - self.from } else { 24 * 60 - self.from + self.to };
        Duration::from_secs(minutes as u64 * 60)
    }

    /// Its opening on the day that is `ahead` days from now there, if it opens on that day.
    fn opening(&self, now: Timestamp, ahead: i64, zones: &dyn Zones) -> Option<Opening> {
        let local = now.as_secs().div_euclid(60) + i64::from(zones.offset(&self.zone, now)?);
        let day = local.div_euclid(DAY) + ahead;
        // 1970-01-01 was a Thursday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).ok()?;
        if !self.days.contains(Day::ALL.get(weekday)?) {
            return None;
        }
        let next_day = if self.to > self.from { 0 } else { DAY };
        let (_, from) = self.moments(day * DAY + i64::from(self.from), zones)?;
        let (until, _) = self.moments(day * DAY + next_day + i64::from(self.to), zones)?;
        Some(Opening { from, until })
    }

    /// The moment when clocks there show that many minutes since 1970, twice. Where they are put forward over that time and
    /// never show it, one before that and one after: a window neither opens too early nor closes too late.
    fn moments(&self, local: i64, zones: &dyn Zones) -> Option<(Timestamp, Timestamp)> {
        let at = |offset: i32| Timestamp::from_secs((local - i64::from(offset)) * 60);
        // The offset then may be another than the one an hour off: asked once more with the better guess.
        let guess = at(zones.offset(&self.zone, at(0))?);
        let offset = zones.offset(&self.zone, guess)?;
        let found = at(offset);
        let shown = zones.offset(&self.zone, found)? == offset;
        Some(if shown { (found, found) } else { (found.min(guess), found.max(guess)) })
    }
}

/// Cuts an opening so that it takes no longer than `most` from its beginning, or from now.
pub fn within(opening: Opening, now: Timestamp, most: Duration) -> Opening {
    let from = opening.from.max(now);
    Opening { from, until: opening.until.min(from + most) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clocks in 2026: in Vienna, summer time until 25 October, 01:00 UTC.
    struct Clocks;

    impl Zones for Clocks {
        fn offset(&self, zone: &Zone, at: Timestamp) -> Option<i32> {
            match zone.as_str() {
                "UTC" => Some(0),
                "Europe/Vienna" if at < Timestamp::from_secs(1_792_890_000) => Some(120),
                "Europe/Vienna" => Some(60),
                // Summer time from 8 March, 07:00 UTC.
                "America/New_York" if at < Timestamp::from_secs(1_772_953_200) => Some(-300),
                "America/New_York" => Some(-240),
                _ => None,
            }
        }
    }

    fn window(days: &[Day], from: u16, to: u16, zone: &str) -> Window {
        Window { days: days.to_vec(), from, to, zone: Zone::parse(zone).unwrap() }
    }

    fn opens(windows: &[Window], now: i64) -> Option<(String, String)> {
        opens_for(windows, now, 0)
    }

    fn opens_for(windows: &[Window], now: i64, least: u64) -> Option<(String, String)> {
        let opening = opening(windows, Timestamp::from_secs(now), Duration::from_secs(least), &Clocks);
        opening.map(|opening| (opening.from.iso(), opening.until.iso()))
    }

    /// 2026-11-21, a Saturday, 18:30 UTC, which is 19:30 in Vienna.
    const SATURDAY: i64 = 1_795_285_800;

    #[test]
    fn the_window_that_is_open_or_the_next() {
        let of = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        let night = window(&[Day::Sat, Day::Sun], 22 * 60, 4 * 60, "Europe/Vienna");
        assert_eq!(opens(std::slice::from_ref(&night), SATURDAY), of("2026-11-21T21:00:00Z", "2026-11-22T03:00:00Z"));
        let in_the_night = SATURDAY + 8 * 3600;
        assert_eq!(
            opens(std::slice::from_ref(&night), in_the_night),
            of("2026-11-21T21:00:00Z", "2026-11-22T03:00:00Z")
        );
        let morning = SATURDAY + 9 * 3600;
        assert_eq!(opens(std::slice::from_ref(&night), morning), of("2026-11-22T21:00:00Z", "2026-11-23T03:00:00Z"));
        let noon = window(&[Day::Wed], 12 * 60, 13 * 60, "UTC");
        assert_eq!(opens(std::slice::from_ref(&noon), SATURDAY), of("2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z"));
        assert_eq!(opens(&[noon, night], SATURDAY), of("2026-11-21T21:00:00Z", "2026-11-22T03:00:00Z"), "the earlier");
        let all_day = window(&[Day::Sat], 0, 0, "UTC");
        assert_eq!(opens(&[all_day], SATURDAY), of("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"));
        let same_day_only = window(&[Day::Sat], 9 * 60, 10 * 60, "UTC");
        assert_eq!(opens(&[same_day_only], SATURDAY), of("2026-11-28T09:00:00Z", "2026-11-28T10:00:00Z"));
        assert_eq!(opens(&[], SATURDAY), None);
    }

    #[test]
    fn an_opening_of_which_too_little_is_left_is_skipped() {
        let half_past = [window(&[Day::Sat], 18 * 60, 18 * 60 + 40, "UTC"), window(&[Day::Sun], 60, 120, "UTC")];
        let now = ("2026-11-21T18:00:00Z".to_owned(), "2026-11-21T18:40:00Z".to_owned());
        let next = ("2026-11-22T01:00:00Z".to_owned(), "2026-11-22T02:00:00Z".to_owned());
        assert_eq!(opens_for(&half_past, SATURDAY, 600), Some(now), "exactly so much is left");
        assert_eq!(opens_for(&half_past, SATURDAY, 601), Some(next));
        assert_eq!(opens_for(&half_past, SATURDAY, 3601), None, "neither is ever so long");
    }

    #[test]
    fn openings_that_touch_or_overlap_are_one() {
        let closes = |windows: &[Window]| {
            let until = closing(windows, Timestamp::from_secs(SATURDAY), &Clocks);
            until.map(Timestamp::iso)
        };
        let evening = window(&[Day::Sat], 18 * 60, 19 * 60, "UTC");
        let touching = window(&[Day::Sat], 19 * 60, 20 * 60, "UTC");
        // In Vienna it is an hour later.
        let overlapping = window(&[Day::Sat], 20 * 60 + 30, 22 * 60, "Europe/Vienna");
        let within = window(&[Day::Sat], 18 * 60 + 10, 18 * 60 + 20, "UTC");
        let apart = window(&[Day::Sat], 21 * 60 + 1, 22 * 60, "UTC");
        let all = [apart.clone(), overlapping, touching.clone(), within, evening.clone()];
        assert_eq!(closes(std::slice::from_ref(&evening)).as_deref(), Some("2026-11-21T19:00:00Z"));
        assert_eq!(closes(&[touching.clone(), evening]).as_deref(), Some("2026-11-21T20:00:00Z"));
        assert_eq!(closes(&all).as_deref(), Some("2026-11-21T21:00:00Z"));
        assert_eq!(closes(&[touching, apart]), None, "none is open");
        let until = opens_for(&all, SATURDAY, 2 * 3600).map(|(_, until)| until);
        assert_eq!(until.as_deref(), Some("2026-11-21T21:00:00Z"), "together they are long enough");
        assert_eq!(window(&[Day::Sat], 22 * 60, 4 * 60, "UTC").length(), Duration::from_secs(6 * 3600));
        assert_eq!(window(&[Day::Sat], 0, 0, "UTC").length(), Duration::from_secs(24 * 3600));
    }

    #[test]
    fn clocks_that_are_put_back_are_followed() {
        // Saturday 2026-10-24, 12:00 UTC: the window opens in summer time and closes in winter time.
        let night = window(&[Day::Sat], 22 * 60, 6 * 60, "Europe/Vienna");
        let expected = Some(("2026-10-24T20:00:00Z".to_owned(), "2026-10-25T05:00:00Z".to_owned()));
        assert_eq!(opens(&[night], 1_792_843_200), expected);
    }

    #[test]
    fn where_clocks_are_put_forward_no_window_opens_early_or_closes_late() {
        // Saturday 2026-03-07, 12:00 UTC. On Sunday two o'clock becomes three at 07:00 UTC.
        let opens = |from, to| opens(&[window(&[Day::Sun], from, to, "America/New_York")], 1_772_884_800);
        let of = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        assert_eq!(opens(60, 90), of("2026-03-08T06:00:00Z", "2026-03-08T06:30:00Z"), "before");
        assert_eq!(opens(60, 150), of("2026-03-08T06:00:00Z", "2026-03-08T06:30:00Z"), "to half past two");
        assert_eq!(opens(150, 240), of("2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z"), "from half past two");
        assert_eq!(opens(120, 180), None, "all of it is passed over, and there is no other within a week");
    }

    #[test]
    fn a_zone_nobody_knows_never_opens() {
        assert_eq!(opens(&[window(&Day::ALL, 0, 0, "Mars/Olympus")], SATURDAY), None);
    }

    #[test]
    fn an_opening_is_cut_to_what_is_left_of_it() {
        let opening = Opening { from: Timestamp(1_000), until: Timestamp(100_000) };
        let cut = |now, secs| within(opening, Timestamp(now), Duration::from_secs(secs));
        assert_eq!(cut(0, 10), Opening { from: Timestamp(1_000), until: Timestamp(11_000) });
        assert_eq!(cut(95_000, 10), Opening { from: Timestamp(95_000), until: Timestamp(100_000) });
    }
}
