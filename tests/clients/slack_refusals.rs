//! What Slack's refusals mean, whatever shape they have.

use std::time::Duration;

use pbi_rotate::clients::slack::{OpenError, Slack};
use pbi_rotate::domain::names::{Code, GroupId};
use pbi_rotate::domain::trouble::{Cause, Trouble};
use pbi_rotate::ports::Lost;
use serde_json::json;

use crate::scene::workspace;
use crate::wire::{Answer, Script, answer, run};

fn of(answer: Answer) -> Trouble {
    let (wire, config) = (Script::new([answer]), workspace());
    run(Slack::new(&wire, &config).group_members(&GroupId::slack("S0LEADS").unwrap())).expect_err("trouble")
}

fn refused(code: &str) -> Answer {
    answer(200, &[], &format!(r#"{{"ok":false,"error":"{code}"}}"#))
}

#[test]
fn every_code_means_something_and_is_kept() {
    let rows = [
        (Cause::Identity, &["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"][..]),
        (Cause::NotAllowed, &["missing_scope", "not_in_channel", "restricted_action", "is_archived", "no_permission"]),
        (
            Cause::NotFound,
            &["no_such_subteam", "channel_not_found", "user_not_found", "message_not_found", "not_found"],
        ),
        (Cause::Throttled, &["ratelimited", "rate_limited"]),
        (Cause::Unavailable, &["internal_error", "fatal_error", "service_unavailable", "request_timeout"]),
        (
            Cause::Rejected,
            &["never_heard_of", "plan_upgrade_required", "hash_conflict", "not_enabled", "user_disabled"],
        ),
    ];
    for (cause, codes) in rows {
        for code in codes {
            let trouble = of(refused(code));
            assert_eq!((trouble.cause, trouble.code.as_ref().map(Code::as_str)), (cause, Some(*code)));
        }
    }
}

#[test]
fn free_text_is_not_taken_for_a_code() {
    for text in ["user ana is out", "", "ana@contoso.com"] {
        let trouble = of(refused(text));
        assert_eq!((trouble.cause, trouble.code.clone()), (Cause::Rejected, None), "{text}");
    }
    let trouble = of(answer(200, &[], r#"{"ok":false}"#));
    assert_eq!((trouble.cause, trouble.code.clone()), (Cause::Rejected, None));
}

#[test]
fn what_is_not_slacks_answer_means_what_its_status_says() {
    let rows = [
        (429, Cause::Throttled),
        (403, Cause::NotFound),
        (404, Cause::NotFound),
        (500, Cause::Unavailable),
        (503, Cause::Unavailable),
        (302, Cause::Unintelligible),
        (400, Cause::Unintelligible),
    ];
    for (status, cause) in rows {
        let trouble = of(answer(status, &[("Retry-After", "30")], r#"{"ok":true,"users":[]}"#));
        assert_eq!((trouble.cause, trouble.status), (cause, Some(status)));
        assert_eq!(trouble.retry_after, Some(Duration::from_secs(30)));
    }
    let padding = " ".repeat(1024 * 1024);
    for body in ["", "<html>", "[]", r#"{"ok":"yes"}"#, &format!(r#"{{"ok":true,"users":[]}}{padding}"#)] {
        assert_eq!(of(answer(200, &[], body)).cause, Cause::Unintelligible);
    }
    assert_eq!(of(Err(Lost)).cause, Cause::Unreachable);
}

#[test]
fn a_trigger_that_is_over_is_told_apart_in_each_of_its_ways() {
    let about = |message: &str| {
        format!(r#"{{"ok":false,"error":"invalid_arguments","response_metadata":{{"messages":["{message}"]}}}}"#)
    };
    let code = |code: &str| format!(r#"{{"ok":false,"error":"{code}"}}"#);
    let rows = [
        (code("expired_trigger_id"), true),
        (code("exchanged_trigger_id"), true),
        (code("invalid_trigger_id"), true),
        (code("trigger_expired"), true),
        (about("[ERROR] `trigger_id` expired"), true),
        (about("[ERROR] invalid `view`"), false),
        (code("invalid_arguments"), false),
        (code("view_too_large"), false),
    ];
    for (body, expected) in rows {
        let (wire, config) = (Script::new([answer(200, &[], &body)]), workspace());
        let opened = run(Slack::new(&wire, &config).open("t1", &json!({})));
        assert_eq!(opened == Err(OpenError::Trigger), expected, "{body}");
        assert!(opened.is_err(), "{body}");
    }
}
