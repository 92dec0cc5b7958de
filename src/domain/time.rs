//! A moment, as milliseconds since the Unix epoch.

use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From whole seconds, as Slack and HTTP count.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// `2026-11-21T18:30:00Z`, for people and logs.
    pub fn iso(self) -> String {
        let seconds = self.as_secs();
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Days to a civil date: years are counted from March, so that the leap day comes last.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// Reads what [`Self::iso`] writes, also with a fraction of a second, of which milliseconds are kept.
    pub fn from_iso(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z')?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let number = |from: usize, to: usize| whole.get(from..to)?.parse::<i64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        // A civil date to days: the reverse of what `iso` does.
        let shifted_year = year - i64::from(month <= 2);
        let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
        let read = Self::from_secs(days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?);
        let digits = fraction.bytes().all(|b| b.is_ascii_digit()) && (1..=9).contains(&fraction.len());
        let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok().filter(|_| digits)?;
        // Nothing else is written like this moment: no 31st of June, no sign, no other separators.
        (read.iso().strip_suffix('Z') == Some(whole)).then_some(Self(read.0 + millis))
    }

    /// Whether this was less than `span` ago. What is yet to come was not: a clock that was put back must not hold anything up
    /// until it has caught up.
    pub fn lately(self, span: Duration, now: Self) -> bool {
        self <= now && now < self + span
    }

    /// How long after `earlier` this is; zero when the clock went backwards.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_827_696, "2000-02-29T12:34:56Z"),
            (1_795_285_800, "2026-11-21T18:30:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp::from_secs(seconds).iso(), text);
        }
    }

    #[test]
    fn dates_read_as_moments() {
        for seconds in [0, 951_827_696, 1_795_285_800, 4_107_542_399, 4_107_542_400, -1, 951_782_400, -62_167_219_200] {
            let moment = Timestamp::from_secs(seconds);
            assert_eq!(Timestamp::from_iso(&moment.iso()), Some(moment), "{}", moment.iso());
        }
        for (text, moment) in [
            ("2026-11-21T18:30:00.5Z", Some(1_795_285_800_500)),
            ("2026-11-21T18:30:00.054Z", Some(1_795_285_800_054)),
            ("2026-11-21T18:30:00.123456789Z", Some(1_795_285_800_123)),
            ("2026-11-21T18:30:00.Z", None),
            ("2026-11-21T18:30:00.+1Z", None),
            ("2026-11-21T18:30:00.1234567890Z", None),
            ("2026-11-21T18:30:00", None),
            ("2026-11-21T18:30:00+00:00", None),
            ("2026-11-21 18:30:00Z", None),
            ("2026-11-21T18:30Z", None),
            ("2026-11-21T18:30:00 Z", None),
            ("2026-11-31T18:30:00Z", None),
            ("2026-02-29T18:30:00Z", None),
            ("2026-13-01T18:30:00Z", None),
            ("2026-00-01T18:30:00Z", None),
            ("2026-11-00T18:30:00Z", None),
            ("2026-11-21T24:00:00Z", None),
            ("2026-11-21T18:60:00Z", None),
            ("+026-11-21T18:30:00Z", None),
            ("2026-+1-21T18:30:00Z", None),
            ("\u{e4}", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::from_iso(text), moment.map(Timestamp), "{text}");
        }
    }

    #[test]
    fn time_never_runs_negative() {
        let (early, late) = (Timestamp(1_000), Timestamp(3_500));
        assert_eq!(late.since(early), Duration::from_millis(2_500));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early + Duration::from_secs(2), Timestamp(3_000));
        assert_eq!(Timestamp(-1).as_secs(), -1);
    }
}
