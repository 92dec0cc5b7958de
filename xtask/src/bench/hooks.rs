//! What verifying one message of a secret manager costs, by each way of proving it, beside a command in the same run.
#![allow(clippy::disallowed_methods, reason = "measuring is reading the clock")]

use std::{fmt, path::Path};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use emulator::{Destination, scene};
use http::Request;
use serde::Serialize;

use super::{
    company::{Company, target},
    load::{COMMANDS, CONNECTIONS, Load, cpu_seconds, send_all},
    report::median,
    senders::{self, PLACES, Sender},
};

/// Turns that count; an odd number. One before them warms up.
const TURNS: usize = 3;
/// Messages of each kind in a turn.
const MESSAGES: usize = 1000;

/// What `/pbi help` costs, and a message of each sender.
#[derive(Serialize)]
pub(crate) struct Hooks {
    help: Cost,
    senders: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    title: &'static str,
    /// About a secret that no target is bound to: proven, read, 200.
    genuine: Cost,
    /// By somebody else's key: 401.
    forged: Cost,
}

/// Of one request.
#[derive(Serialize)]
struct Cost {
    /// CPU of the runtime, user and system: the median of the turns.
    cpu_us: f64,
    /// Until it was answered.
    median_ms: f64,
    /// For all but one in a hundred.
    most_ms: f64,
}

/// What was measured of one kind of request so far.
#[derive(Default)]
struct Samples {
    cpu_us: Vec<f64>,
    waits_ms: Vec<f64>,
}

/// Measures all of them, by turns.
pub(crate) fn run(root: &Path, scratch: &Path) -> Result<Hooks> {
    let senders = senders::all();
    println!("Verifying {} messages of each kind of secret manager (about 2 min)", TURNS * MESSAGES * 2);
    let variables: Vec<_> = senders.iter().map(Sender::variable).collect();
    let settings: Vec<_> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(PLACES).collect();
    let company = Company::open(root, scratch, "hooks", &settings)?;
    let place = Destination::DataSource { gateway: scene::GATEWAY_SALES.to_owned(), id: scene::SALES_SQL.to_owned() };
    let sources: String = senders.iter().map(Sender::source).collect();
    company.knows(sources + &target("sales", &[place], &[scene::GROUP_DATA]))?;

    let mut help = Samples::default();
    let mut rows: Vec<(Samples, Samples)> = senders.iter().map(|_| Default::default()).collect();
    for turn in 0..=TURNS {
        let counts = turn > 0;
        help.add(&company, &COMMANDS, counts)?;
        for (sender, (genuine, forged)) in senders.iter().zip(&mut rows) {
            let load = Load {
                requests: &|count| messages(&company, sender, count, true),
                answered: |status, text| status == 200 && text == r#"{"ok":true}"#,
            };
            genuine.add(&company, &load, counts).with_context(|| sender.title)?;
            let load = Load {
                requests: &|count| messages(&company, sender, count, false),
                answered: |status, _| status == 401,
            };
            forged.add(&company, &load, counts).with_context(|| format!("{}, forged", sender.title))?;
        }
    }
    let row = |(sender, (genuine, forged)): (&Sender, (Samples, Samples))| Row {
        title: sender.title,
        genuine: genuine.cost(),
        forged: forged.cost(),
    };
    Ok(Hooks { help: help.cost(), senders: senders.iter().zip(rows).map(row).collect() })
}

/// Made now, one for each connection, and sent again and again: nothing of what concerns no target is remembered.
fn messages(company: &Company, sender: &Sender, count: usize, genuine: bool) -> Vec<Request<Bytes>> {
    let now = company.world.now_ms();
    let made: Vec<_> = (0..CONNECTIONS).map(|number| sender.message(number, now, genuine)).collect();
    made.iter().cycle().take(count).cloned().collect()
}

impl Samples {
    fn add(&mut self, company: &Company, load: &Load<'_>, counts: bool) -> Result<()> {
        let requests = (load.requests)(MESSAGES);
        let before = cpu_seconds(company.worker.pid())?;
        let waits = send_all(&company.worker.base_url(), &requests, load.answered)?;
        let cost = (cpu_seconds(company.worker.pid())? - before) * 1e6 / MESSAGES as f64;
        if counts {
            self.cpu_us.push(cost);
            self.waits_ms.extend(waits);
        }
        Ok(())
    }

    fn cost(mut self) -> Cost {
        self.waits_ms.sort_by(f64::total_cmp);
        let most_ms = self.waits_ms.get(self.waits_ms.len() * 99 / 100).copied().unwrap_or(f64::NAN);
        Cost { cpu_us: median(self.cpu_us), median_ms: median(self.waits_ms), most_ms }
    }
}

impl fmt::Display for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let help = self.help.cpu_us;
        write!(f, "CPU per message of a secret manager, {CONNECTIONS} connections (`/pbi help` = 1)")?;
        write!(f, "\n  {:<24} {}", "/pbi help", Against(&self.help, help))?;
        for Row { title, genuine, forged } in &self.senders {
            write!(f, "\n  {title:<24} {}", Against(genuine, help))?;
            write!(f, "\n  {:<24} {}", "  forged", Against(forged, help))?;
        }
        Ok(())
    }
}

/// A cost against another one's CPU.
struct Against<'c>(&'c Cost, f64);

impl fmt::Display for Against<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Cost { cpu_us, median_ms, most_ms }, one) = self;
        write!(
            f,
            "{:>5.2}  {cpu_us:>6.0} us, answered after {median_ms:.1} ms, 99 % after {most_ms:.0} ms",
            cpu_us / one
        )
    }
}
