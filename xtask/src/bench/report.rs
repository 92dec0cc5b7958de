//! The figures of one run: as a table for people, as JSON for everything else.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{
    activity::Invoke, burst::Burst, fleet::Fleet, hooks::Hooks, load::Samples, page::Page, rotation::Rotation,
    storm::Storm, weight::Part,
};
use crate::size::Size;

/// Parts of the Wasm below this share are summed.
const SMALLEST_SHARE: f64 = 0.02;

/// Everything one run measured.
#[derive(Serialize)]
pub(crate) struct Report<'n> {
    pub(crate) sizes: Vec<(&'n str, Size)>,
    pub(crate) parts: Vec<Part>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) invoke: Invoke,
    pub(crate) rotation: Rotation,
    pub(crate) fleet: Fleet,
    pub(crate) burst: Burst,
    pub(crate) hooks: Hooks,
    pub(crate) storm: Storm,
    /// As `bench/seal/run.mjs` printed it.
    pub(crate) sealing: Value,
    pub(crate) page: Page,
}

/// One thing measured on every contender.
#[derive(Serialize)]
pub(crate) struct Figure {
    title: &'static str,
    unit: &'static str,
    /// The contender that counts as 1.
    baseline: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    median: f64,
    ratio: f64,
}

impl Figure {
    pub(crate) fn new(title: &'static str, unit: &'static str, baseline: &'static str, samples: Samples) -> Self {
        let medians: Vec<_> = samples.into_iter().map(|(name, values)| (name, median(values))).collect();
        let one = medians.iter().find(|(name, _)| *name == baseline).map_or(f64::NAN, |(_, value)| *value);
        let rows = medians.into_iter().map(|(name, median)| Row { name, median, ratio: median / one }).collect();
        Self { title, unit, baseline, rows }
    }
}

/// The middle one of an odd number of values.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "size")?;
        for (name, size) in &self.sizes {
            writeln!(f, "  {name:<16} {size}")?;
        }
        writeln!(f, "{}", Parts(&self.parts))?;
        for figure in &self.figures {
            writeln!(f, "{figure}")?;
        }
        writeln!(f, "{}", self.invoke)?;
        writeln!(f, "{}", self.rotation)?;
        writeln!(f, "{}\n{}", self.fleet, self.burst)?;
        writeln!(f, "{}\n{}", self.hooks, self.storm)?;
        writeln!(f, "sealing one credential\n  {}", self.sealing)?;
        write!(f, "{}", self.page)
    }
}

/// What the Wasm is made of, to be printed.
pub(crate) struct Parts<'p>(pub(crate) &'p [Part]);

impl fmt::Display for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole: usize = self.0.iter().map(|part| part.bytes).sum();
        let share = |bytes: usize| bytes as f64 / whole as f64;
        writeln!(f, "what the Wasm is made of")?;
        let (large, small): (Vec<_>, Vec<_>) = self.0.iter().partition(|part| share(part.bytes) >= SMALLEST_SHARE);
        for part in &large {
            writeln!(f, "  {:<18} {:>5.1} %", part.name, share(part.bytes) * 100.0)?;
        }
        let rest = small.iter().map(|part| part.bytes).sum();
        write!(f, "  {:<18} {:>5.1} %", "everything else", share(rest) * 100.0)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} = 1)", self.title, self.baseline)?;
        for row in &self.rows {
            write!(f, "\n  {:<16} {:>5.2}   {:>7.1} {}", row.name, row.ratio, row.median, self.unit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, median};

    #[test]
    fn the_baseline_is_one_and_outliers_do_not_count() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        let samples = vec![("hello", vec![1.0, 2.0, 99.0]), ("hono", vec![4.0, 4.0, 4.0])];
        let figure = Figure::new("start", "ms", "hono", samples);
        let ratios: Vec<f64> = figure.rows.iter().map(|row| row.ratio).collect();
        assert_eq!(ratios, [0.5, 1.0]);
    }
}
