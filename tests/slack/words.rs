//! The words people read: every refusal and trouble is a sentence that says what to do, under the command's own name.

use pbi_rotate::codec::words;
use pbi_rotate::domain::names::{Code, PersonId, RotationId, TargetName};
use pbi_rotate::domain::receipt::Outcome;
use pbi_rotate::domain::refusal::{Refusal, Standing};
use pbi_rotate::domain::rotation::{Decision, Person, Verdict};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};

const NOW: Timestamp = Timestamp(1_795_285_800_000);

const CAUSES: [Cause; 22] = [
    Cause::Unreachable,
    Cause::Throttled,
    Cause::Unavailable,
    Cause::Unintelligible,
    Cause::Identity,
    Cause::Token,
    Cause::NotAllowed,
    Cause::NotFound,
    Cause::Rejected,
    Cause::CredentialRefused,
    Cause::GatewayOffline,
    Cause::SourceOffline,
    Cause::EncryptionRefused,
    Cause::KindRefused,
    Cause::KeyUnusable,
    Cause::Mismatch,
    Cause::EntryLost,
    Cause::KeyVaultReference,
    Cause::NotRefreshed,
    Cause::WindowClosed,
    Cause::LeftOut,
    Cause::SealedForOthers,
];

fn names(names: &[&str]) -> Vec<TargetName> {
    names.iter().map(|name| TargetName::parse(name).unwrap()).collect()
}

fn refusals() -> Vec<Refusal> {
    let id = || RotationId::parse("7f3k9qxm00000000").unwrap();
    let target = || TargetName::parse("sales-db").unwrap();
    let ben = || Person { id: PersonId::slack("U0BEN").unwrap(), name: "Ben".into(), also: Vec::new() };
    let verdicts = [
        Verdict::Approved,
        Verdict::Denied("Not on a Friday".into()),
        Verdict::Cancelled,
        Verdict::Stopped,
        Verdict::Retried,
        Verdict::Closed,
        Verdict::GaveWay,
    ];
    let decided = verdicts.map(|verdict| Some(Box::new(Decision { by: ben(), at: NOW, verdict })));
    let too_late = decided.into_iter().chain([None]).map(|decision| Refusal::TooLate(id(), decision));
    let refusals = vec![
        Refusal::Standing(Standing::Deactivated),
        Refusal::Standing(Standing::Guest),
        Refusal::Standing(Standing::Stranger),
        Refusal::Standing(Standing::Bot),
        Refusal::NotAsker(target()),
        Refusal::NotApprover(target()),
        Refusal::NotBreakGlass(target()),
        Refusal::NotConcerned(target()),
        Refusal::NotOperator,
        Refusal::OwnRequest(id()),
        Refusal::ApprovedAlready(id()),
        Refusal::Unapproved(id()),
        Refusal::TooEarly(id(), NOW),
        Refusal::WindowClosed(id()),
        Refusal::UnknownTarget(Vec::new()),
        Refusal::UnknownTarget(names(&["sales-db"])),
        Refusal::Unnamed,
        Refusal::Exposed,
        Refusal::CatalogChanged,
        Refusal::Occupied(id()),
        Refusal::NotRequester(id()),
        Refusal::UnknownRotation,
        Refusal::UnknownCommand(None),
        Refusal::UnknownCommand(Some("rotate")),
        Refusal::UnknownForm,
        Refusal::ChatEntryOff,
        Refusal::Service(Trouble::of(Service::Slack, Cause::Unreachable)),
        Refusal::Storage,
        Refusal::Unclear(id()),
    ];
    refusals.into_iter().chain(too_late).collect()
}

/// Whole sentences, in the spacing of sentences.
fn reads_well(text: &str) {
    // Names that are written as people have to write them.
    let text = &text.replace("CHAT_ENTRY", "it").replace("take_over = true", "it");
    assert!(text.starts_with(|c: char| c.is_uppercase()), "{text}");
    assert!(text.ends_with(['.', ')', '?']), "{text}");
    for slip in ["  ", "..", " .", " ,", "?.", "None", "Some(", "{", "_"] {
        assert!(!text.contains(slip), "{slip:?} in {text}");
    }
}

#[test]
fn every_refusal_is_whole_sentences_and_names_the_command_as_it_is_called_here() {
    for refusal in refusals() {
        let text = words::refusal(&refusal, "/credentials");
        assert!(!text.contains("/pbi"), "{text}");
        reads_well(&text);
        let log = refusal.name();
        assert!(!log.is_empty() && log.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{log}");
    }
}

#[test]
fn a_refusal_of_what_could_have_changed_something_says_that_nothing_did() {
    let only_reads = |refusal: &Refusal| {
        matches!(
            refusal,
            Refusal::UnknownTarget(_)
                | Refusal::Unnamed
                | Refusal::Exposed
                | Refusal::UnknownCommand(_)
                | Refusal::Occupied(_)
        )
    };
    let only_reads = |refusal: &Refusal| {
        // What may have been done must not be called nothing.
        only_reads(refusal) || matches!(refusal, Refusal::Unclear(_))
    };
    for refusal in refusals().into_iter().filter(|refusal| !only_reads(refusal)) {
        let text = words::refusal(&refusal, "/pbi").to_lowercase();
        let says = ["nothing was changed", "nothing was done a second time", "it counts once"];
        assert!(says.iter().any(|says| text.contains(says)), "{text}");
    }
}

#[test]
fn the_nearest_names_are_joined_as_people_join_them() {
    for (near, expected) in [
        (&["sales-db"][..], "Did you mean sales-db? /pbi list shows all."),
        (&["sales-db", "sales-dw"], "Did you mean sales-db or sales-dw? /pbi list shows all."),
        (&["a", "b", "c"], "Did you mean a, b or c? /pbi list shows all."),
    ] {
        let text = words::refusal(&Refusal::UnknownTarget(names(near)), "/pbi");
        let exposed = "If you typed a password or key, treat it as exposed.";
        assert_eq!(text, format!("There is no target of that name. {expected} {exposed}"));
    }
}

#[test]
fn a_reference_is_the_one_on_the_card() {
    for refusal in refusals() {
        let quoted = matches!(
            refusal,
            Refusal::Occupied(_)
                | Refusal::TooLate(..)
                | Refusal::Unapproved(_)
                | Refusal::TooEarly(..)
                | Refusal::WindowClosed(_)
                | Refusal::NotRequester(_)
                | Refusal::OwnRequest(_)
                | Refusal::ApprovedAlready(_)
                | Refusal::Unclear(_)
        );
        let text = words::refusal(&refusal, "/pbi");
        assert_eq!(text.contains("7F3K-9QXM"), quoted, "{text}");
        assert!(!text.contains("7f3k9qxm00000000"), "the id itself is not for people: {text}");
    }
}

#[test]
fn whoever_comes_second_is_told_who_came_first() {
    let told: Vec<_> = refusals().iter().map(|refusal| words::refusal(refusal, "/pbi")).collect();
    for did in ["approved", "rejected", "cancelled", "stopped", "tried again", "left as it is"] {
        let first = format!("Already {did} by Ben at 2026-11-21 18:30 UTC. Rotation 7F3K-9QXM has moved on: ");
        assert_eq!(told.iter().filter(|text| text.starts_with(&first)).count(), 1, "{first}");
    }
    assert_eq!(told.iter().filter(|text| text.starts_with("Rotation 7F3K-9QXM has moved on: ")).count(), 1);
}

#[test]
fn a_service_is_worth_another_try_only_when_its_trouble_passes() {
    for cause in CAUSES {
        let text = words::refusal(&Refusal::Service(Trouble::of(Service::Slack, cause)), "/pbi");
        assert_eq!(text.ends_with("Nothing was changed. Try again in a minute."), cause.passing(), "{text}");
        assert_eq!(text.ends_with("Nothing was changed. Tell whoever runs this app."), !cause.passing(), "{text}");
    }
}

#[test]
fn every_trouble_of_every_service_is_whole_sentences_with_its_code() {
    for service in [Service::Entra, Service::PowerBi, Service::Fabric, Service::Slack, Service::Teams, Service::Graph] {
        for cause in CAUSES {
            let plain = Trouble::of(service, cause);
            reads_well(&words::trouble(&plain));
            let full: Trouble = Details {
                code: Some(Code::parse("SomeCode").unwrap()),
                status: Some(403),
                note: Some("the catalog says otherwise".into()),
                ..Details::of(service, cause)
            }
            .into();
            let text = words::trouble(&full);
            reads_well(&text);
            assert!(text.ends_with(" (403, SomeCode)") && text.contains("he catalog says otherwise. ("), "{text}");
            let coded: Trouble =
                Details { code: Some(Code::parse("SomeCode").unwrap()), ..Details::of(service, cause) }.into();
            assert_eq!(words::trouble(&coded), format!("{} (SomeCode)", words::trouble(&plain)));
            let numbered: Trouble = Details { status: Some(503), ..Details::of(service, cause) }.into();
            assert_eq!(words::trouble(&numbered), format!("{} (503)", words::trouble(&plain)));
            for outcome in [Outcome::Untested(full.clone()), Outcome::Unchanged(full.clone()), Outcome::Unknown(full)] {
                reads_well(&words::outcome(&outcome));
            }
        }
    }
}
