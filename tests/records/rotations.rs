//! Samples of rotations, of what they are made of, and of what their objects are asked and answer.

use pbi_rotate::codec::record::{
    Choice, Gateway, GatewayMember, LeftOut, Offer, OfferedPlace, RotationOrder, RotationReply, SealedGateway,
    SealedMember, read,
};
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::rotation::{
    Check, Decision, ModelRun, Phase, Refreshing, Refused, Requester, Rotation, Run, Stage, Supply, Verdict,
};
use pbi_rotate::domain::target::{ItemId, Reach, Target};
use pbi_rotate::domain::trouble::Cause;

use crate::parts::{LATER, Named, OPENED, ana, code, data_source, guid, id, model, policy, target, text, trouble};
use crate::sources::{binding, source_name};

fn opened() -> Rotation {
    Rotation::new(id(), target(), ana().into(), text("It expires on \"Monday\""), false, OPENED)
}

pub fn rotations() -> Named<Rotation> {
    let whole = Target {
        policy: policy(),
        models: vec![model(ItemId::Dataset(crate::parts::guid("6f69e798")))],
        owner: Some(text("Data platform")),
        rotate_every: Some(std::time::Duration::from_secs(90 * 24 * 60 * 60)),
        ..target()
    };
    let mut whole = Rotation::new(id(), whole, ana().into(), text("It expires"), true, OPENED);
    whole.decisions = decisions().remove(0).1;
    (whole.reminded, whole.outdated, whole.retry_until) = (true, true, Some(LATER));
    whole.stage = Stage::Applying;
    let bound = Target { binding: Some(binding()), ..target() };
    let mut supplied = Rotation::new(id(), bound, Requester::Source(source_name()), text("New version"), false, OPENED);
    supplied.supply = Some(Supply { seen: Some(text("7")), ..Supply::default() });
    supplied.stage = Stage::Fetching { from: OPENED, until: LATER };
    vec![("opened", opened()), ("with everything", whole), ("by a secret manager", supplied)]
}

pub fn stages() -> Named<Stage> {
    vec![
        ("requested", Stage::Requested),
        ("checking", Stage::Checking),
        ("awaiting approval", Stage::AwaitingApproval { since: OPENED, until: LATER }),
        ("awaiting credential", Stage::AwaitingCredential { from: OPENED, until: LATER }),
        ("fetching", Stage::Fetching { from: OPENED, until: LATER }),
        ("holding", Stage::Holding { until: LATER }),
        ("applying", Stage::Applying),
        ("stalled", Stage::Stalled { until: LATER }),
        ("applied", Stage::Applied),
        ("partly applied", Stage::PartlyApplied),
        ("failed", Stage::Failed),
        ("denied", Stage::Denied),
        ("cancelled", Stage::Cancelled),
        ("expired", Stage::Expired),
        ("superseded", Stage::Superseded),
    ]
}

pub fn decisions() -> Named<Vec<Decision>> {
    let verdicts = [
        Verdict::Approved,
        Verdict::Denied(text("Not on a Friday")),
        Verdict::Cancelled,
        Verdict::Stopped,
        Verdict::Retried,
        Verdict::Closed,
        Verdict::GaveWay,
    ];
    vec![("every verdict", verdicts.map(|verdict| Decision { by: ana(), at: LATER, verdict }).to_vec())]
}

pub fn runs() -> Named<Run> {
    let run = |phase| Run {
        phase,
        check: Check::Passed,
        ..Run::of(data_source(Reach::OnPremises, None), Vec::new(), OPENED)
    };
    let done = |outcome| run(Phase::Done(Receipt { outcome, request_id: Some(code("9c1f2f5e")) }));
    let sending = Run {
        models: vec![0, 2],
        failures: 3,
        due: LATER,
        since: Some(OPENED),
        request_id: Some(code("9c1f2f5e")),
        prepared: true,
        again: true,
        begun: true,
        sending: true,
        uncertain: true,
        taken_over: true,
        ..run(Phase::Updating)
    };
    let troubled = Run { check: Check::Troubled(trouble(Cause::GatewayOffline)), ..run(Phase::Preparing) };
    vec![
        ("new", Run::of(data_source(Reach::Cloud, None), Vec::new(), OPENED)),
        ("not as the catalog says", troubled),
        ("it reads the vault itself", Run { check: Check::Referenced, ..run(Phase::Preparing) }),
        ("of somebody else", Run { check: Check::Foreign, ..run(Phase::TakingOver) }),
        ("with everything", sending),
        ("testing", run(Phase::Testing { operation: None })),
        ("following a test", run(Phase::Testing { operation: Some(text("0a2dafe6")) })),
        ("verified", done(Outcome::Verified)),
        ("stored", run(Phase::Done(Receipt { outcome: Outcome::Stored, request_id: None }))),
        ("referenced", done(Outcome::Referenced)),
        ("reference failed", done(Outcome::ReferenceFailed(trouble(Cause::SourceOffline)))),
        ("untested", done(Outcome::Untested(trouble(Cause::SourceOffline)))),
        ("unchanged", done(Outcome::Unchanged(trouble(Cause::CredentialRefused)))),
        ("unknown", done(Outcome::Unknown(trouble(Cause::Unreachable)))),
    ]
}

pub fn models() -> Named<ModelRun> {
    let new = || ModelRun::new(OPENED);
    let refresh = |refresh| ModelRun { found: Check::Passed, refresh, failures: 2, since: Some(OPENED), due: LATER };
    vec![
        ("new", new()),
        ("not found", ModelRun { found: Check::Troubled(trouble(Cause::Mismatch)), ..new() }),
        ("refreshing", refresh(Refreshing::Running(Some(code("0a2dafe6"))))),
        ("refreshing, nobody says which", refresh(Refreshing::Running(None))),
        ("refreshed", refresh(Refreshing::Completed)),
        ("not refreshed", refresh(Refreshing::Failed(trouble(Cause::Rejected)))),
    ]
}

pub fn orders() -> Named<RotationOrder> {
    let open = RotationOrder::Open {
        id: id(),
        target: Box::new(target()),
        requester: ana().into(),
        supply: None,
        pushed: None,
        reason: text("It expires"),
        break_glass: false,
    };
    let supplied = RotationOrder::Open {
        id: id(),
        target: Box::new(target()),
        requester: Requester::Source(source_name()),
        supply: Some(Supply { seen: Some(text("7")), ..Supply::default() }),
        pushed: Some(text("e30.a.b.c.d")),
        reason: text("New version"),
        break_glass: false,
    };
    let credential = read("\"bm9uY2UgYW5kIGNpcGhlcnRleHQ=\"").unwrap();
    let supply =
        RotationOrder::Supply { person: ana(), credential: Some(credential), sealed: Vec::new(), submission: None };
    let decide = |choice| RotationOrder::Decide { person: ana(), choice };
    vec![
        ("open", open),
        ("open, with a value", supplied),
        ("supply", supply),
        (
            "supply from the page",
            RotationOrder::Supply {
                person: ana(),
                credential: None,
                sealed: vec![SealedGateway { gateway: 1, members: sealed_members() }],
                submission: Some(text("5f2c7b9e-5d1a-4b38-8e0d-91c64f7a2b11")),
            },
        ),
        ("renew", RotationOrder::Renew { person: ana() }),
        ("offer", RotationOrder::Offer),
        ("approve", decide(Choice::Approve)),
        ("deny", decide(Choice::Deny(text("Not on a Friday")))),
        ("cancel", decide(Choice::Cancel)),
        ("stop", decide(Choice::Stop)),
        ("retry", decide(Choice::Retry)),
        ("close", decide(Choice::Close)),
        ("outdated", RotationOrder::Outdated),
        ("give way", RotationOrder::GiveWay(ana())),
        ("submitted", RotationOrder::Submitted(text("5f2c7b9e-5d1a-4b38-8e0d-91c64f7a2b11"))),
        ("view", RotationOrder::View),
        ("wake", RotationOrder::Wake),
    ]
}

pub fn replies() -> Named<RotationReply> {
    vec![
        ("state", RotationReply::State(Box::new(opened()))),
        ("occupied", RotationReply::Occupied(id())),
        ("stale", RotationReply::Stale),
        ("refused", RotationReply::Refused(Refused::Early, Box::new(opened()))),
        ("offered", RotationReply::Offered(Box::new(opened()), Box::new(offer()))),
        ("reading", RotationReply::Reading { done: 20, of: 60, next: LATER }),
        ("keys changed", RotationReply::KeysChanged),
        ("unread", RotationReply::Unread(trouble(Cause::Unavailable))),
        ("unknown", RotationReply::Unknown),
    ]
}

fn sealed_members() -> Vec<SealedMember> {
    vec![SealedMember { member: guid("0a2dafe6"), fingerprint: text("AAAA-BBBB"), sealed: text("Y2lwaGVydGV4dA==") }]
}

fn offer() -> Offer {
    let place = |at, gateway| OfferedPlace { at, gateway };
    Offer {
        gateways: vec![gateway()],
        places: vec![place(0, Some(0)), place(1, None)],
        left_out: vec![LeftOut { at: 2, trouble: trouble(Cause::GatewayOffline) }],
    }
}

fn gateway() -> Gateway {
    Gateway {
        members: vec![GatewayMember {
            member: guid("0a2dafe6"),
            exponent: text("AQAB"),
            modulus: text("bW9kdWx1cw=="),
        }],
    }
}

pub fn refusals() -> Named<Refused> {
    vec![
        ("stage", Refused::Stage),
        ("early", Refused::Early),
        ("closed", Refused::Closed),
        ("not requester", Refused::NotRequester),
        ("own request", Refused::OwnRequest),
        ("twice", Refused::Twice),
        ("destination", Refused::Destination),
    ]
}
