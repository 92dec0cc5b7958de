//! The signature: Slack's own example, and every way to get it wrong.

use std::collections::BTreeSet;

use emulator::slack::sign;
use pbi_rotate::codec::slack::signature::{SignatureError, verify};
use pbi_rotate::domain::time::Timestamp;
use seal::Secret;

/// Slack API, Verifying requests from Slack: the example.
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const SENT: i64 = 1_531_420_618;
const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

/// What becomes of the example with these headers and body, at this many seconds from when it was sent.
fn judge(timestamp: Option<&str>, signature: Option<&str>, body: &str, after_ms: i64) -> Option<SignatureError> {
    let now = Timestamp(SENT * 1000 + after_ms);
    verify(&Secret::new(SECRET.to_owned()), timestamp, signature, body.as_bytes(), now).err()
}

/// What becomes of the example's body, signed as Slack would sign it with that timestamp, when it arrives at once.
fn judge_signed(timestamp: &str) -> Option<SignatureError> {
    judge(Some(timestamp), Some(&sign(SECRET, timestamp, BODY.as_bytes())), BODY, 0)
}

#[test]
fn slacks_own_example_is_accepted_with_its_bytes() {
    let secret = Secret::new(SECRET.to_owned());
    let now = Timestamp::from_secs(SENT);
    let verified = verify(&secret, Some("1531420618"), Some(SIGNATURE), BODY.as_bytes(), now).unwrap();
    assert_eq!(*verified.get(), BODY.as_bytes());
    assert_eq!(sign(SECRET, "1531420618", BODY.as_bytes()), SIGNATURE, "the pretend Slack signs the same");
}

#[test]
fn five_minutes_either_way_and_not_a_second_more() {
    for (after_ms, expected) in [
        (300_000, None),
        (300_999, None),
        (301_000, Some(SignatureError::Stale)),
        (86_400_000, Some(SignatureError::Stale)),
        (-300_000, None),
        (-300_001, Some(SignatureError::Future)),
        (-3_600_000, Some(SignatureError::Future)),
    ] {
        assert_eq!(judge(Some("1531420618"), Some(SIGNATURE), BODY, after_ms), expected, "{after_ms} ms");
    }
}

#[test]
fn a_timestamp_is_a_plain_number_of_seconds() {
    for timestamp in [
        "",
        "soon",
        "1531420618.0",
        "1531420618 ",
        " 1531420618",
        "+1531420618",
        "-1531420618",
        "1_531_420_618",
        "0x5b47a18a",
        "1531420618e0",
        "١٥٣١٤٢٠٦١٨",
        "0001531420618",
        "18446744073709551616",
    ] {
        assert_eq!(judge_signed(timestamp), Some(SignatureError::Timestamp), "{timestamp:?}");
    }
    assert_eq!(judge_signed("0"), Some(SignatureError::Stale));
    assert_eq!(judge_signed("999999999999"), Some(SignatureError::Future));
    assert_eq!(judge_signed("1531420618"), None);
}

#[test]
fn a_signature_has_one_form() {
    let hex = &SIGNATURE[3..];
    for signature in [
        String::new(),
        "v0=".to_owned(),
        hex.to_owned(),
        format!("v1={hex}"),
        format!("V0={hex}"),
        format!("v0:{hex}"),
        format!("xyz{hex}"),
        format!("v0= {hex}"),
        format!("v0={hex} "),
        format!("v0={}", hex.to_uppercase()),
        format!("v0={}B503", &hex[..60]),
        SIGNATURE[..SIGNATURE.len() - 1].to_owned(),
        SIGNATURE[..SIGNATURE.len() - 2].to_owned(),
        format!("{SIGNATURE}0"),
        format!("{SIGNATURE}00"),
        format!("{SIGNATURE},{SIGNATURE}"),
        format!("v0={}", "g".repeat(64)),
        format!("v0={}", "é".repeat(32)),
    ] {
        let told = judge(Some("1531420618"), Some(&signature), BODY, 0);
        assert_eq!(told, Some(SignatureError::Form), "{signature:?}");
    }
}

#[test]
fn one_digit_one_byte_or_one_second_away_is_another_signature() {
    let mismatch = Some(SignatureError::Mismatch);
    for at in 3..SIGNATURE.len() {
        let other = if SIGNATURE.as_bytes()[at] == b'0' { "1" } else { "0" };
        let mut signature = SIGNATURE.to_owned();
        signature.replace_range(at..=at, other);
        assert_eq!(judge(Some("1531420618"), Some(&signature), BODY, 0), mismatch, "{signature}");
    }
    let bodies: BTreeSet<String> = (0..BODY.len())
        .map(|at| format!("{}{}", &BODY[..at], &BODY[at + 1..]))
        .chain([String::new(), format!("{BODY}&"), format!("{BODY}\n"), BODY.replace("%2F", "%2f")])
        .collect();
    for body in bodies {
        assert_eq!(judge(Some("1531420618"), Some(SIGNATURE), &body, 0), mismatch, "{body}");
    }
    assert_eq!(judge(Some("1531420619"), Some(SIGNATURE), BODY, 0), mismatch);
    let secrets = ["", "8f742231b10e8888abcd99yyyzzz85a", "8F742231B10E8888ABCD99YYYZZZ85A5"];
    for secret in secrets {
        let signature = sign(secret, "1531420618", BODY.as_bytes());
        assert_eq!(judge(Some("1531420618"), Some(&signature), BODY, 0), mismatch, "{secret:?}");
    }
}

#[test]
fn both_headers_are_needed() {
    let missing = Some(SignatureError::Missing);
    assert_eq!(judge(None, Some(SIGNATURE), BODY, 0), missing);
    assert_eq!(judge(Some("1531420618"), None, BODY, 0), missing);
    assert_eq!(judge(None, None, BODY, 0), missing);
}
