//! How a Web API call fails: with `ok: false`, under HTTP 200.

use serde_json::{Value, json};

use super::text::Findings;
use crate::fields;

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    error: &'static str,
    messages: Vec<String>,
    /// The scope that would be needed.
    needed: Option<&'static str>,
}

impl Failure {
    pub(crate) fn code(error: &'static str) -> Failure {
        Failure { error, messages: Vec::new(), needed: None }
    }

    pub(crate) fn found(error: &'static str, findings: Findings) -> Failure {
        Failure { error, messages: findings.0, needed: None }
    }

    pub(crate) fn scope(needed: &'static str) -> Failure {
        Failure { error: "missing_scope", messages: Vec::new(), needed: Some(needed) }
    }

    pub(crate) fn missing(argument: &str) -> Failure {
        let messages = vec![format!("[ERROR] missing required field: {argument}")];
        Failure { error: "invalid_arguments", messages, needed: None }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error": self.error});
        if !self.messages.is_empty() {
            fields::put(&mut body, "response_metadata", json!({"messages": self.messages}));
        }
        if let Some(needed) = self.needed {
            fields::put(&mut body, "needed", needed);
        }
        body
    }
}
