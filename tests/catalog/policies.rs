//! Policies in the catalog: every rule, and which of them cannot work.

use std::cell::RefCell;
use std::time::Duration;

use pbi_rotate::codec::catalog;
use pbi_rotate::domain::names::{GroupId, PersonId, TargetName, Zone};
use pbi_rotate::domain::policy::{Policy, Subject};
use pbi_rotate::domain::window::{Day, Window};

use crate::{DAY, EVERY_KEY, GOOD, refused};

#[test]
fn every_rule_of_a_policy_is_read() {
    let catalog = catalog::parse(EVERY_KEY).unwrap();
    let person = |id| Subject::Person(PersonId::parse(id).unwrap());
    let group = |id| Subject::Group(GroupId::parse(id).unwrap());
    assert_eq!(catalog.operators, [person("slack:U0OPS"), group("slack:S0PLATFORM")]);
    let ben = ["slack:W0BEN", "entra:0a8e9f10-3b61-4a55-8d42-2f5f7a1f0c11"].map(|id| PersonId::parse(id).unwrap());
    assert_eq!(catalog.people, [ben.to_vec()]);
    assert_eq!(catalog.also(&ben[1..]), ben[..1], "the other id of the same person");
    assert!(catalog.also(&[PersonId::slack("U0ANA").unwrap()]).is_empty());
    let policy = |name| catalog.targets[&TargetName::parse(name).unwrap()].policy.clone();
    let zone = |name| Zone::parse(name).unwrap();
    let night = Window { days: vec![Day::Sat, Day::Sun], from: 22 * 60, to: 4 * 60, zone: zone("Europe/Vienna") };
    let expected = Policy {
        askers: vec![group("slack:S0DATA"), person("slack:U0ANA")],
        approvers: vec![
            group("slack:S0LEADS"),
            person("slack:W0BEN"),
            person("entra:0a8e9f10-3b61-4a55-8d42-2f5f7a1f0c11"),
            group("entra-group:1a8e9f10-3b61-4a55-8d42-2f5f7a1f0c11"),
        ],
        approvals: 2,
        allow_self: true,
        expires: DAY / 3,
        windows: vec![night, Window { days: vec![Day::Wed], from: 0, to: 0, zone: zone("UTC") }],
        break_glass: vec![person("slack:U0BEN")],
        stop: Duration::from_secs(45),
    };
    assert_eq!(policy("sales-db"), expected);
    for open in ["feed", "reports"] {
        assert_eq!(policy(open), Policy::open_to(policy(open).askers), "{open}: no approvals, any time");
    }
    assert!(catalog::parse(GOOD).unwrap().operators.is_empty());
}

#[test]
fn approvals_are_within_reach() {
    let with = |rule: &str| refused(&GOOD.replacen("[\"slack:U0ANA\"]", rule, 1));
    for good in [
        // A group may have any number of members.
        r#"["slack:U0ANA"], approvers = ["slack:S0LEADS"], approvals = 20"#,
        r#"["slack:U0ANA"], approvers = ["slack:U0ANA", "slack:S0LEADS"], approvals = 5"#,
        r#"["slack:U0ANA"], approvers = ["slack:U0BEN"], approvals = 1"#,
        r#"["slack:U0ANA"], approvers = ["slack:U0ANA", "slack:U0BEN"], approvals = 1"#,
        r#"["slack:U0ANA"], approvers = ["slack:U0ANA", "slack:U0BEN"], approvals = 2, allow_self = true"#,
        // Ana's own never suffice; Fay's can.
        r#"["slack:U0ANA", "slack:U0FAY"], approvers = ["slack:U0ANA", "slack:U0BEN"], approvals = 2"#,
        r#"["slack:S0DATA"], approvers = ["slack:U0ANA", "slack:U0BEN"], approvals = 2, allow_self = false"#,
    ] {
        assert_eq!(with(good), [""; 0], "{good}");
    }
    // Whoever is there under two ids approves once.
    let ben = "entra:0a8e9f10-3b61-4a55-8d42-2f5f7a1f0c11";
    let of_ben = |rule: &str| {
        let text = GOOD.replacen("[\"slack:U0ANA\"]", &rule.replace("BEN-IN-ENTRA", ben), 1);
        refused(&format!("[people]\nben = [\"slack:U0BEN\", \"{ben}\"]\n{text}"))
    };
    let twice = of_ben(r#"["slack:U0ANA"], approvers = ["slack:U0BEN", "BEN-IN-ENTRA"], approvals = 2"#);
    assert_eq!(twice, ["targets.sales.policy.approvals: is more than the number of approvers, 1"]);
    let own = of_ben(r#"["slack:U0BEN"], approvers = ["BEN-IN-ENTRA"], approvals = 1"#);
    assert!(own.len() == 1 && own[0].contains("can never be reached: whoever asks is one of the approvers"), "{own:?}");
    let fine = of_ben(r#"["slack:U0BEN"], approvers = ["BEN-IN-ENTRA", "slack:U0ANA"], approvals = 1"#);
    assert_eq!(fine, [""; 0]);
}

#[test]
fn spans_of_time_have_limits() {
    let with = |key: &str, span: &str| {
        let rule = format!(r#"["slack:U0ANA"], approvers = ["slack:S0LEADS"], approvals = 1, {key} = "{span}""#);
        refused(&GOOD.replacen("[\"slack:U0ANA\"]", &rule, 1)).len()
    };
    for (key, good, bad) in [
        ("expires", ["5m", "300s", "7d", "168h"], ["299s", "169h", "8d", "0m"]),
        ("stop", ["5s", "300s", "5m", "005s"], ["4s", "301s", "6m", "0s"]),
    ] {
        assert!(good.iter().all(|span| with(key, span) == 0), "{key}: {good:?}");
        assert!(bad.iter().all(|span| with(key, span) == 1), "{key}: {bad:?}");
    }
    for bad in ["", "m", "30", "+30m", "-30m", "30 m", "30M", "1.5h", "1h30m", "30µ", "99999999999999999999d"] {
        assert_eq!(with("expires", bad), 1, "{bad}");
    }
    let every = |span: &str| refused(&GOOD.replacen("title =", &format!("rotate_every = {span:?}\ntitle ="), 1)).len();
    assert_eq!(["1d", "24h", "1825d"].map(every), [0; 3]);
    assert_eq!(["23h", "1826d", "900000000000000000d"].map(every), [1; 3]);
}

#[test]
fn each_time_zone_is_asked_for_once() {
    let asked = RefCell::new(Vec::new());
    let known = |zone: &Zone| {
        asked.borrow_mut().push(zone.to_string());
        zone.as_str() == "UTC"
    };
    let window =
        |day: &str, zone: &str| format!(r#"{{ days = ["{day}"], from = "22:00", to = "04:00", zone = "{zone}" }}"#);
    let windows = [("Mon", "UTC"), ("Tue", "Mars/Olympus"), ("Wed", "UTC"), ("Thu", "Mars/Olympus")];
    let windows = windows.map(|(day, zone)| window(day, zone)).join(", ");
    let text = GOOD.replacen("[\"slack:U0ANA\"]", &format!("[\"slack:U0ANA\"], windows = [{windows}]"), 1);
    let problems = catalog::parse_where(&text, &known).unwrap_err();
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["targets.sales.policy.windows[1].zone", "targets.sales.policy.windows[3].zone"]);
    assert_eq!(asked.take(), ["UTC", "Mars/Olympus"]);
    assert!(catalog::parse(&text).is_ok(), "what was taken once is not asked again");
}

#[test]
fn windows_leave_time_to_enter_and_to_stop() {
    let with = |to: &str, rule: &str| {
        let window = format!(r#"{{ days = ["Mon"], from = "23:58", to = "{to}", zone = "UTC" }}"#);
        refused(&GOOD.replacen("[\"slack:U0ANA\"]", &format!("[\"slack:U0ANA\"], windows = [{window}]{rule}"), 1))
    };
    assert_eq!(with("00:01", ""), [""; 0], "three minutes");
    assert_eq!(with("00:02", r#", stop = "1m""#), [""; 0]);
    for (to, rule) in [("00:00", ""), ("00:01", r#", stop = "5s""#), ("00:02", r#", stop = "61s""#)] {
        let problems = with(to, rule);
        assert!(matches!(&problems[..], [one] if one.contains("windows: each has to be open for")), "{problems:?}");
    }
}
