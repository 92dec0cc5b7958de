//! What people want who type a command: the same words in every chat.

use crate::domain::names::{SourceName, TargetName};
use crate::domain::policy::Manner;

/// Longest text considered. Chats let people type far more; no command here is longer.
const LONGEST: usize = 300;

/// What can be asked by typing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// `rotate`, `rotate sales-db`; the same past approvals and windows by `break-glass`, and with the previous value by
    /// `rollback`.
    Rotate(Option<TargetName>, Manner),
    /// `rotate` with something that cannot be a target's name; the something is not kept.
    RotateUnnamed,
    /// `rotate sales-db …`: more was typed after the name. It may be a credential, so it is not kept.
    RotateWithMore,
    /// `list`, `list words`.
    List(String),
    /// `status sales-db`.
    Status(TargetName),
    /// `status` without a usable name.
    StatusUnnamed,
    /// `whoami`, `whoami sales-db`.
    WhoAmI(Option<TargetName>),
    /// `whoami` with something that cannot be a target's name.
    WhoAmIUnnamed,
    /// `history`, `history sales-db`.
    History(Option<TargetName>),
    /// `history` with something that cannot be a target's name.
    HistoryUnnamed,
    /// `doctor`, `doctor sales-db`.
    Doctor(Option<TargetName>),
    /// `doctor` with something that cannot be a target's name.
    DoctorUnnamed,
    /// `pause prod-vault`, `resume prod-vault`: whether it waits from now on; which, unless it cannot be a name.
    Pause(Option<SourceName>, bool),
    /// `help`, or nothing.
    Help,
    /// Something else; the nearest command, if one is near. What was typed is not kept.
    Unknown(Option<&'static str>),
}

impl Wish {
    /// The name of the command in the audit: nothing that was typed.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Rotate(_, manner) => manner.name(),
            Self::RotateUnnamed | Self::RotateWithMore => "rotate",
            Self::Pause(_, true) => "pause",
            Self::Pause(_, false) => "resume",
            Self::List(_) => "list",
            Self::Status(_) | Self::StatusUnnamed => "status",
            Self::WhoAmI(_) | Self::WhoAmIUnnamed => "whoami",
            Self::History(_) | Self::HistoryUnnamed => "history",
            Self::Doctor(_) | Self::DoctorUnnamed => "doctor",
            Self::Help => "help",
            Self::Unknown(_) => "unknown-command",
        }
    }
}

const VERBS: [&str; 11] =
    ["rotate", "list", "status", "whoami", "history", "doctor", "break-glass", "rollback", "pause", "resume", "help"];

/// What somebody wants who typed this after the name of the app.
pub fn read(text: &str) -> Wish {
    let mut words = text.split_whitespace();
    let Some(verb) = words.next() else { return Wish::Help };
    let first = words.next();
    let more = words.next().is_some();
    let name = first.and_then(|word| TargetName::parse(&word.to_ascii_lowercase()).ok());
    match verb.to_ascii_lowercase().as_str() {
        verb @ ("rotate" | "break-glass" | "rollback") => {
            let manner = match verb {
                "rotate" => Manner::Usual,
                "rollback" => Manner::Rollback,
                _ => Manner::BreakGlass,
            };
            match (first, name, more) {
                (None, ..) => Wish::Rotate(None, manner),
                (Some(_), _, true) => Wish::RotateWithMore,
                (Some(_), Some(name), false) => Wish::Rotate(Some(name), manner),
                (Some(_), None, false) => Wish::RotateUnnamed,
            }
        }
        "list" => {
            Wish::List(text.split_whitespace().skip(1).collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect())
        }
        "status" => name.filter(|_| !more).map_or(Wish::StatusUnnamed, Wish::Status),
        "whoami" => match (first, name.filter(|_| !more)) {
            (None, _) => Wish::WhoAmI(None),
            (Some(_), Some(name)) => Wish::WhoAmI(Some(name)),
            (Some(_), None) => Wish::WhoAmIUnnamed,
        },
        "history" => match (first, name.filter(|_| !more)) {
            (None, _) => Wish::History(None),
            (Some(_), Some(name)) => Wish::History(Some(name)),
            (Some(_), None) => Wish::HistoryUnnamed,
        },
        "doctor" => match (first, name.filter(|_| !more)) {
            (None, _) => Wish::Doctor(None),
            (Some(_), Some(name)) => Wish::Doctor(Some(name)),
            (Some(_), None) => Wish::DoctorUnnamed,
        },
        verb @ ("pause" | "resume") => {
            let source = first.filter(|_| !more).and_then(|word| SourceName::parse(&word.to_ascii_lowercase()).ok());
            Wish::Pause(source, verb == "pause")
        }
        "help" | "-h" | "--help" | "?" => Wish::Help,
        other => Wish::Unknown(nearest(other)),
    }
}

/// The command that a typing error most likely meant: at most two edits away.
fn nearest(word: &str) -> Option<&'static str> {
    let distances = VERBS.iter().map(|verb| (strsim::osa_distance(word, verb), *verb));
    distances.filter(|(distance, _)| *distance <= 2 && word.len() <= 12).min().map(|(_, verb)| verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_wishes() {
        let sales = || TargetName::parse("sales-db").unwrap();
        for (text, expected) in [
            ("", Wish::Help),
            ("  help ", Wish::Help),
            ("rotate", Wish::Rotate(None, Manner::Usual)),
            ("Rotate  SALES-DB ", Wish::Rotate(Some(sales()), Manner::Usual)),
            ("break-glass sales-db", Wish::Rotate(Some(sales()), Manner::BreakGlass)),
            ("rollback sales-db", Wish::Rotate(Some(sales()), Manner::Rollback)),
            ("rollback sales-db hunter2", Wish::RotateWithMore),
            ("pause prod-vault", Wish::Pause(SourceName::parse("prod-vault").ok(), true)),
            ("Resume PROD-VAULT", Wish::Pause(SourceName::parse("prod-vault").ok(), false)),
            ("pause prod-vault now", Wish::Pause(None, true)),
            ("resume", Wish::Pause(None, false)),
            ("rotate sales_db!", Wish::RotateUnnamed),
            ("rotate sales-db hunter2", Wish::RotateWithMore),
            ("list", Wish::List(String::new())),
            ("list  sales  north", Wish::List("sales north".into())),
            ("status sales-db", Wish::Status(sales())),
            ("status", Wish::StatusUnnamed),
            ("status sales-db now", Wish::StatusUnnamed),
            ("whoami", Wish::WhoAmI(None)),
            ("WhoAmI Sales-DB", Wish::WhoAmI(Some(sales()))),
            ("whoami sales_db", Wish::WhoAmIUnnamed),
            ("whoami sales-db now", Wish::WhoAmIUnnamed),
            ("whoiam", Wish::Unknown(Some("whoami"))),
            ("history", Wish::History(None)),
            ("History SALES-DB", Wish::History(Some(sales()))),
            ("history sales_db", Wish::HistoryUnnamed),
            ("history sales-db now", Wish::HistoryUnnamed),
            ("doctor", Wish::Doctor(None)),
            ("Doctor SALES-DB", Wish::Doctor(Some(sales()))),
            ("doctor sales_db", Wish::DoctorUnnamed),
            ("doctor sales-db now", Wish::DoctorUnnamed),
            ("rotat sales-db", Wish::Unknown(Some("rotate"))),
            ("lits", Wish::Unknown(Some("list"))),
            ("Tr0ub4dor&3", Wish::Unknown(None)),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn help_tells_of_every_command() {
        let help = format!("{:?}", crate::codec::content::message::help("/pbi"));
        for verb in VERBS {
            assert!(help.contains(verb), "{verb}");
        }
    }
}
