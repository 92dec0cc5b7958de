//! The doctor's report: what is wrong first, each with what to do about it, then what is well.

use crate::codec::sheet::{Part, Sheet, Span, Text};

/// Things that are wrong, told one by one. With everything else a report stays below Slack's fifty blocks.
const MOST_WRONG: usize = 40;
/// Targets that were not looked at, by name.
const MOST_UNSEEN: usize = 30;

/// What looking around has shown.
#[derive(Default)]
pub struct Report {
    /// What was looked at and is well.
    pub well: Vec<String>,
    /// What is not, and what is known of that in a sentence or two.
    pub wrong: Vec<(String, String)>,
    /// Targets that were not looked at, or not at everything in them.
    pub unseen: Vec<String>,
}

/// The report as a message; `command` is what this installation's command is called.
pub fn message(report: &Report, command: &str) -> Sheet {
    let status = match (report.wrong.len(), report.unseen.is_empty()) {
        (0, true) => "Everything is well".to_owned(),
        (0, false) => "Everything that was looked at is well".to_owned(),
        (1, _) => "1 thing needs somebody".to_owned(),
        (n, _) => format!("{n} things need somebody"),
    };
    let mut body = vec![Part::Paragraph(Text::bold(status.clone()))];
    let wrong = report.wrong.iter().take(MOST_WRONG);
    let told = |(about, words): &(String, String)| Text::bold(about.clone()).and(Span::Break).and(words.clone());
    body.extend(wrong.map(told).map(Part::Paragraph));
    if report.wrong.len() > MOST_WRONG {
        let more = report.wrong.len() - MOST_WRONG;
        body.push(Part::paragraph(format!("and {more} more, once these are mended")));
    }
    if !report.well.is_empty() {
        body.push(Part::Paragraph(Text::bold("Well:").and(format!(" {}", report.well.join(", ")))));
    }
    if !report.unseen.is_empty() {
        body.push(Part::Paragraph(unseen(&report.unseen, command)));
    }
    Sheet { text: format!("{status}.").into(), body }
}

fn unseen(names: &[String], command: &str) -> Text {
    let mut listed = names.iter().take(MOST_UNSEEN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > MOST_UNSEEN {
        listed.push_str(&format!(" and {} more", names.len() - MOST_UNSEEN));
    }
    Text::bold("Not looked at:")
        .and(format!(" {listed}"))
        .and(Span::Break)
        .and(format!("The time, the calls or the quota of one look were used up. {command} doctor "))
        .and(Span::Blank("target"))
        .and(" looks at one; a rotation checks every place of its target before it asks for anything.")
}

/// What is said at once.
pub fn looking() -> Sheet {
    Sheet::plain("Looking. What there is to say comes here within half a minute.")
}
