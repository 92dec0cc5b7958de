//! Sums the totals that Rust's test runner prints about each test program.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl Tally {
    /// Reads `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s`.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let count = |of: &str| counts.split("; ").find_map(|part| part.strip_suffix(of)?.trim_end().parse().ok());
        Some(Self { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")? })
    }

    /// How many tests ran.
    pub(crate) fn ran(self) -> u64 {
        self.passed + self.failed
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} skipped", self.ignored)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn a_result_line_is_read_and_no_other() {
        let line = "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.05s";
        assert_eq!(Tally::read(line), Some(Tally { passed: 5, failed: 2, ignored: 1 }));
        assert_eq!(Tally::read("test names::it_passed ... ok"), None);
        assert_eq!(Tally::read("test result: ok. many passed; 0 failed; 0 ignored"), None);
    }

    #[test]
    fn nothing_skipped_is_not_mentioned() {
        let mut sum = Tally { passed: 3, failed: 0, ignored: 0 };
        assert_eq!(sum.to_string(), "3 passed, 0 failed");
        sum += Tally { passed: 1, failed: 1, ignored: 2 };
        assert_eq!(sum.to_string(), "4 passed, 1 failed, 2 skipped");
    }
}
