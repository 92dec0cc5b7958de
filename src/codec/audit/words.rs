//! What the audit's names mean to people.

use crate::domain::audit::{Entry, Fault, Origin};

/// What was done, as the rest of a sentence that begins with who did it.
pub fn did(entry: &Entry) -> String {
    if entry.refused() {
        return format!("was refused “{}” ({})", plain(&entry.what), plain(&entry.outcome));
    }
    match (entry.from, entry.outcome.as_str()) {
        // Where it led says it.
        (Origin::Clock, "ok" | "not-offered") if entry.stage.is_some() => String::new(),
        (Origin::Clock, outcome) if entry.stage.is_some() => plain(outcome),
        _ => done(&entry.what),
    }
}

fn done(what: &str) -> String {
    match what {
        "open" => "asked for a rotation".to_owned(),
        "approve" => "approved it".to_owned(),
        "deny" => "rejected it".to_owned(),
        "renew" => "took more time to enter the credential".to_owned(),
        "leave-out" => "left a place out".to_owned(),
        "supply" => "entered the credential".to_owned(),
        "cancel" => "cancelled it".to_owned(),
        "stop" => "stopped it".to_owned(),
        "retry" => "had what failed tried again".to_owned(),
        "close" => "left what failed as it is".to_owned(),
        "put-catalog" => "put the catalog".to_owned(),
        "tidy" => "removed old entries".to_owned(),
        other => plain(other),
    }
}

/// What is wrong with the audit: its name, the number of the entry, and a sentence.
pub fn fault(fault: Fault) -> (&'static str, u64, String) {
    match fault {
        Fault::Tampered(number) => (
            "tampered",
            number,
            format!(
                "entry {number} does not follow from those before it: it, or the one before it, was changed or exchanged"
            ),
        ),
        Fault::Missing(number) => {
            ("missing", number, format!("entry {number} is not there, but something after it is"))
        }
        Fault::CutOff(number) => {
            ("cut-off", number, format!("entry {number} and all after it are not there, but were written"))
        }
        Fault::Surplus(number) => {
            ("surplus", number, format!("entry {number} is there, but by the record of the end it was never written"))
        }
        Fault::Head(number) => (
            "head",
            number,
            format!("the entries up to {number} follow from each other, but the recorded end is another"),
        ),
    }
}

/// A name without hyphens.
pub fn plain(name: &str) -> String {
    name.replace('-', " ")
}
