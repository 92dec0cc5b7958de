//! Rotations and targets that are as long, as many and as badly named as the catalog lets them be.

use std::time::Duration;

use emulator::scene;
use pbi_rotate::codec::catalog;
use pbi_rotate::domain::listing::{Ending, Last, Listed};
use pbi_rotate::domain::names::{Code, PersonId, RotationId, SourceName, TargetName};
use pbi_rotate::domain::rotation::{Decision, Person, Requester, Rotation, Stage, Supply, Verdict};
use pbi_rotate::domain::source::{Binding, SecretId, Username};
use pbi_rotate::domain::target::Target;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};

pub const NOW: Timestamp = Timestamp(1_795_285_800_000);

/// The longest names the catalog takes, each of characters that something counts or escapes differently.
pub fn titles() -> [String; 6] {
    ["x", "🔐", "&", "<", "*", "é"].map(|character| character.repeat(80))
}

pub fn target(title: &str, destinations: usize, models: usize) -> Target {
    let place = |n: usize| match n % 2 {
        0 => format!(
            r#"{{ datasource = {{ gateway = "{}", id = "00000000-0000-4000-8000-{n:012}" }} }}"#,
            scene::GATEWAY_SALES
        ),
        _ => format!(r#"{{ connection = {{ id = "00000000-0000-4000-8000-{n:012}", via = "OnPremisesGateway" }} }}"#),
    };
    let model = |n: usize| {
        let id = format!("00000000-0000-4000-9000-{n:012}");
        format!(r#"{{ model = {{ workspace = "{}", dataset = "{id}", refresh = true }} }}"#, scene::WORKSPACE)
    };
    let places: Vec<_> = (0..destinations).map(place).chain((0..models).map(model)).collect();
    let text = format!(
        "[targets.{name}]\ntitle = \"{title}\"\ncredential = {{ kind = \"Windows\", username = 'CONTOSO\\svc_sales' }}\n\
         privacy = \"Private\"\nencryption = \"Encrypted\"\ndestinations = [{}]\n\
         policy = {{ askers = [\"slack:U0ANA\"], approvers = [\"slack:S0LEADS\"], approvals = 20 }}\n",
        places.join(", "),
        name = "n".repeat(63),
    );
    catalog::parse(&text).unwrap().targets.into_values().next().unwrap()
}

pub fn person(name: &str) -> Person {
    Person { id: PersonId::slack("U0ANA67890").unwrap(), name: name.chars().take(80).collect(), also: Vec::new() }
}

pub fn rotation(title: &str, destinations: usize, models: usize) -> Rotation {
    let id = RotationId::parse("0123456789abcdef").unwrap();
    let reason = title.repeat(4).chars().take(300).collect();
    Rotation::new(id, target(title, destinations, models), person(title).into(), reason, true, NOW)
}

/// The same, supplied by a secret manager whose names and versions are these words; everything is told that can be.
pub fn supplied(mut rotation: Rotation, words: &str) -> Rotation {
    let source = SourceName::parse(&"s".repeat(40)).unwrap();
    let (fields, username) = (Vec::new(), Some(Username::Key("username".to_owned())));
    let secret = SecretId::Named(words.chars().take(512).collect());
    rotation.target.binding =
        Some(Binding { source: source.clone(), place: None, secret, fields, username, ask_again: true });
    rotation.requester = Requester::Source(source);
    let version = |kind: &str| Some(format!("{kind}{}", words.chars().take(20).collect::<String>()));
    rotation.supply = Some(Supply {
        previous: true,
        seen: version("s"),
        taken: version("t"),
        current: version("c"),
        account: Some(words.chars().take(256).collect()),
        turned_at: Some(NOW),
        done_at: Some(NOW),
        trouble: Some(trouble()),
        ..Supply::default()
    });
    rotation
}

/// Fifty decisions, the last of which is the longest there is.
pub fn decisions(title: &str, last: Verdict) -> Vec<Decision> {
    let decided = |verdict| Decision { by: person(title), at: NOW, verdict };
    let mut decisions = vec![decided(Verdict::Approved); 19];
    decisions.extend(vec![decided(Verdict::Retried); 30]);
    decisions.push(decided(last));
    decisions
}

/// Every stage, each with the decision that leads there.
pub fn stages(why: &str) -> Vec<(Stage, Verdict)> {
    let ended = [Stage::Applied, Stage::PartlyApplied, Stage::Failed, Stage::Expired, Stage::Superseded];
    let mut stages = vec![
        (Stage::Requested, Verdict::Retried),
        (Stage::Checking, Verdict::Retried),
        (Stage::AwaitingApproval { since: NOW, until: NOW }, Verdict::Retried),
        (Stage::AwaitingCredential { from: NOW, until: NOW }, Verdict::Retried),
        (Stage::Fetching { from: NOW, until: NOW }, Verdict::Retried),
        (Stage::Holding { until: NOW }, Verdict::Retried),
        (Stage::Applying, Verdict::Retried),
        (Stage::Stalled { until: NOW }, Verdict::Retried),
        (Stage::Denied, Verdict::Denied(why.to_owned())),
        (Stage::Cancelled, Verdict::Stopped),
    ];
    stages.extend(ended.map(|stage| (stage, Verdict::Closed)));
    stages
}

/// Trouble that says as much as there can be said.
pub fn trouble() -> Trouble {
    Details {
        code: Some(Code::parse(&"C".repeat(120)).unwrap()),
        status: Some(400),
        request_id: Some(Code::parse(&"r".repeat(120)).unwrap()),
        note: Some("a note of our own ".repeat(10)),
        ..Details::of(Service::PowerBi, Cause::CredentialRefused)
    }
    .into()
}

pub fn listed(n: usize, title: &str) -> Listed {
    let rotation = || RotationId::parse("0123456789abcdef").unwrap();
    Listed {
        name: TargetName::parse(&format!("{n:03}-{}", "n".repeat(59))).unwrap(),
        title: title.to_owned(),
        owner: Some(title.to_owned()),
        askers: Vec::new(),
        approvers: Vec::new(),
        rotate_every: Some(Duration::from_secs(60)),
        since: NOW,
        live: Some(rotation()),
        last: Some(Last { rotation: rotation(), how: Ending::PartlyApplied, at: NOW }),
    }
}
