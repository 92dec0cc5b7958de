//! The audit as CSV: quoted as RFC 4180 says, and nothing in it that a spreadsheet takes for a formula.

use crate::codec::record;
use crate::domain::audit::{Entry, Kept};

const HEADER: &str = "number,hash,at,what,outcome,stage,who,name,from,target,rotation,place,code,status,request_id,reason,note,break_glass";

/// A header and a row for each entry.
pub(super) fn page(entries: &[Kept]) -> String {
    let mut page = format!("{HEADER}\r\n");
    for kept in entries {
        let mut cells = vec![kept.number.to_string(), kept.hash.clone()];
        match record::read::<Entry>(&kept.text) {
            Ok(entry) => cells.extend(fields(entry)),
            Err(_) => cells.extend([String::new(), "unreadable".to_owned()]),
        }
        cells.resize(HEADER.split(',').count(), String::new());
        let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
        page.push_str(&cells.join(","));
        page.push_str("\r\n");
    }
    page
}

fn fields(entry: Entry) -> [String; 16] {
    // Taken apart by name, so that a new field cannot be forgotten here.
    let Entry {
        at,
        what,
        outcome,
        stage,
        who,
        name,
        from,
        target,
        rotation,
        place,
        code,
        status,
        request_id,
        reason,
        note,
        break_glass,
    } = entry;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        at.iso(),
        what,
        outcome,
        text(stage.as_deref()),
        text(who.as_ref().map(|id| id.as_str())),
        text(name.as_deref()),
        from.name().to_owned(),
        text(target.as_ref().map(|name| name.as_str())),
        text(rotation.as_ref().map(|id| id.as_str())),
        text(place.as_ref().map(|id| id.as_str())),
        text(code.as_ref().map(|code| code.as_str())),
        status.map_or_else(String::new, |status| status.to_string()),
        text(request_id.as_ref().map(|id| id.as_str())),
        text(reason.as_deref()),
        text(note.as_deref()),
        break_glass.to_string(),
    ]
}

/// A cell. One that begins like a formula gets an apostrophe in front, which spreadsheets take for "this is text"
/// (OWASP, CSV Injection).
fn quoted(cell: &str) -> String {
    let mark = if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    match mark.is_empty() && !cell.contains(['"', ',', '\r', '\n']) {
        true => cell.to_owned(),
        false => format!("\"{mark}{}\"", cell.replace('"', "\"\"")),
    }
}
