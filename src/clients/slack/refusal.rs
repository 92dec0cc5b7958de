//! What Slack's refusals mean.

use serde_json::Value;

use crate::clients::codes;
use crate::domain::names::Code;
use crate::domain::trouble::{Cause, Service, Trouble};

/// A refusal by Slack.
pub(super) struct Failure {
    pub(super) trouble: Trouble,
    /// Whether the trigger is what it is about, which Slack says in several ways (Slack API, views.open, Errors).
    pub(super) about_trigger: bool,
}

impl Failure {
    /// What an answer without `ok` says.
    pub(super) fn read(answer: &Value) -> Self {
        let code = answer.get("error").and_then(codes::read);
        let word = code.as_ref().map_or("", Code::as_str);
        let cause = match word {
            "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => Cause::Identity,
            "missing_scope" | "not_in_channel" | "restricted_action" | "is_archived" | "no_permission" => {
                Cause::NotAllowed
            }
            // A group that is disabled is no such group either: disabled ones are left out unless asked for.
            "channel_not_found" | "user_not_found" | "message_not_found" | "no_such_subteam" | "not_found" => {
                Cause::NotFound
            }
            "ratelimited" | "rate_limited" => Cause::Throttled,
            "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => Cause::Unavailable,
            _ => Cause::Rejected,
        };
        let mut about_trigger = word.contains("trigger");
        if word == "invalid_arguments" {
            let messages = answer.pointer("/response_metadata/messages").and_then(Value::as_array);
            about_trigger = messages
                .into_iter()
                .flatten()
                .any(|message| message.as_str().is_some_and(|message| message.contains("trigger_id")));
        }
        let mut trouble = Trouble::of(Service::Slack, cause);
        trouble.code = code;
        Self { trouble, about_trigger }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, about_trigger: false }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        failure.trouble
    }
}
