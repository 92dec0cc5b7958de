//! Prints, as one line of JSON, the median microseconds of sealing one credential natively.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench reads the clock and prints")]

use std::time::Instant;

/// Samples of [`RUNS`] jobs each; the median is of the samples.
const SAMPLES: usize = 31;
const RUNS: u32 = 20;

fn main() {
    let figures = bench_seal::BITS.map(|bits| format!(r#""{bits}":{:.1}"#, median(bits)));
    println!(r#"{{"native_us":{{{}}}}}"#, figures.join(","));
}

fn median(bits: u32) -> f64 {
    let mut samples: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(bench_seal::seal_many(bits, RUNS));
            start.elapsed().as_secs_f64() * 1e6 / f64::from(RUNS)
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    samples.get(SAMPLES / 2).copied().unwrap_or_default()
}
