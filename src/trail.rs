//! The log: one structured line for each request and each step of a rotation. What may be logged is a type.

use std::fmt;

use crate::domain::audit::Link;
use crate::domain::names::{Code, Guid, PersonId, RotationId, SourceName, TargetName};
use crate::domain::refusal::Fault;

/// One line. Every field is a checked name or a word of ours: there is nothing to put free text into.
#[derive(Clone, Debug)]
pub struct Line {
    /// What happened.
    pub event: &'static str,
    /// How it came out: `ok`, or the name of a refusal or trouble.
    pub outcome: &'static str,
    /// The HTTP status answered, for requests.
    pub status: Option<u16>,
    /// Who has to do something about it, where somebody was refused.
    pub fault: Option<Fault>,
    /// Who asked.
    pub person: Option<PersonId>,
    /// Which target.
    pub target: Option<TargetName>,
    /// Which secret manager.
    pub source: Option<SourceName>,
    /// Which rotation.
    pub rotation: Option<RotationId>,
    /// Which destination.
    pub destination: Option<Guid>,
    /// A service's own code.
    pub code: Option<Code>,
    /// A service's id for the call.
    pub request_id: Option<Code>,
    /// The end of the audit: outside of it, so that it can be held against it.
    pub head: Option<Link>,
}

impl Line {
    /// A line with nothing but what happened and how.
    pub const fn new(event: &'static str, outcome: &'static str) -> Self {
        Self {
            event,
            outcome,
            status: None,
            fault: None,
            person: None,
            target: None,
            source: None,
            rotation: None,
            destination: None,
            code: None,
            request_id: None,
            head: None,
        }
    }
}

/// One JSON object, in the order of the fields; what is not known is left out.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [
            ("fault", self.fault.map(Fault::name)),
            ("person", self.person.as_ref().map(PersonId::as_str)),
            ("target", self.target.as_ref().map(TargetName::as_str)),
            ("source", self.source.as_ref().map(SourceName::as_str)),
            ("rotation", self.rotation.as_ref().map(RotationId::as_str)),
            ("destination", self.destination.as_ref().map(Guid::as_str)),
            ("code", self.code.as_ref().map(Code::as_str)),
            ("request_id", self.request_id.as_ref().map(Code::as_str)),
        ];
        // Piece by piece: to format them is several times the work, and a line is written for each request. No name has
        // anything in it that JSON would escape.
        for piece in [r#"{"event":""#, self.event, r#"","outcome":""#, self.outcome, "\""] {
            f.write_str(piece)?;
        }
        if let Some(status) = self.status {
            write!(f, r#","status":{status}"#)?;
        }
        for (key, text) in texts {
            if let Some(text) = text {
                for piece in [",\"", key, "\":\"", text, "\""] {
                    f.write_str(piece)?;
                }
            }
        }
        if let Some(head) = &self.head {
            write!(f, r#","entries":{},"hash":"{}""#, head.number, head.hash.as_str())?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object_of_what_is_known() {
        let mut line = Line::new("test", "retry");
        assert_eq!(line.to_string(), r#"{"event":"test","outcome":"retry"}"#);
        line.fault = Some(Fault::Us);
        line.status = Some(503);
        line.person = PersonId::slack("U0ANA").ok();
        line.target = TargetName::parse("sales-db").ok();
        line.rotation = RotationId::parse("7f3k9qxm2b4c6d8e").ok();
        line.destination = Guid::parse("252b9de8-d915-4788-aaeb-ec8c2395f970").ok();
        line.code = Code::parse("DMTS_GatewayIsDisabled").ok();
        line.request_id = Code::parse("9c1f2f5e").ok();
        line.head = Some(Link::beginning());
        let known =
            r#""status":503,"fault":"us","person":"slack:U0ANA","target":"sales-db","rotation":"7f3k9qxm2b4c6d8e""#;
        let told = r#""destination":"252b9de8-d915-4788-aaeb-ec8c2395f970","code":"DMTS_GatewayIsDisabled""#;
        let end = format!(r#""entries":0,"hash":"{}""#, "0".repeat(64));
        let whole = format!(r#"{{"event":"test","outcome":"retry",{known},{told},"request_id":"9c1f2f5e",{end}}}"#);
        assert_eq!(line.to_string(), whole);
    }
}
