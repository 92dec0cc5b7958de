//! The log: one structured line for each request and each step of a rotation. What may be logged is a type.

use serde::Serialize;

use crate::domain::names::{Guid, PersonId, RotationId, TargetName};

/// One line. Every field is a checked name or a word of ours: there is nothing to put free text into.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What happened.
    pub event: &'static str,
    /// How it came out: `ok`, or the name of a refusal or trouble.
    pub outcome: &'static str,
    /// The HTTP status answered, for requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Which target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetName>,
    /// Which rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<RotationId>,
    /// Which destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<Guid>,
    /// A service's own code, sanitised where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A service's id for the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Line {
    /// A line with nothing but what happened and how.
    pub const fn new(event: &'static str, outcome: &'static str) -> Self {
        Self {
            event,
            outcome,
            status: None,
            person: None,
            target: None,
            rotation: None,
            destination: None,
            code: None,
            request_id: None,
        }
    }
}
