//! One of each thing that is stored or passed, by the name it has in its fixture.

use std::time::Duration;

use pbi_rotate::codec::record::{
    CardCopy, Notice, Place, RegisterOrder, RegisterReply, RotationOrder, RotationReply, SealedMember, SealedRow, read,
};
use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::listing::{Ending, Entry, Last};
use pbi_rotate::domain::names::{GroupId, Guid, PersonId, Room, RotationId, TargetName};
use pbi_rotate::domain::policy::{Asker, Policy};
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::rotation::{Person, Phase, Rotation, Run, Stage};
use pbi_rotate::domain::target::{
    Connection, ConnectionEncryption, Connectivity, DataSource, Destination, Privacy, Reach, SingleSignOn, Target,
};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};

type Named<T> = Vec<(&'static str, T)>;

const OPENED: Timestamp = Timestamp(1_795_285_800_000);
const LATER: Timestamp = Timestamp(1_795_285_860_250);

fn guid(first: &str) -> Guid {
    Guid::parse(&format!("{first}-5852-4fdd-ab01-33bb14b6e934")).unwrap()
}

fn name(text: &str) -> TargetName {
    TargetName::parse(text).unwrap()
}

fn id() -> RotationId {
    RotationId::parse("7f3k9qxm2b4c6d8e").unwrap()
}

fn ana() -> PersonId {
    PersonId::slack("U0ANA").unwrap()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn data_source(reach: Reach, profile: Option<Guid>) -> Destination {
    Destination::DataSource(DataSource {
        gateway: guid("1f69e798"),
        id: guid("252b9de8"),
        reach,
        privacy: Privacy::Organizational,
        encrypted_connection: true,
        end_user_sso: false,
        caller_identity: false,
        profile,
    })
}

fn connection(via: Connectivity) -> Connection {
    Connection {
        id: guid("70b17680"),
        via,
        privacy: Privacy::Private,
        encryption: None,
        single_sign_on: None,
        skip_test: false,
        display_name: None,
        usage_in_gateway: None,
    }
}

fn target() -> Target {
    let group = GroupId::slack("S0DATA").unwrap();
    Target {
        name: name("sales-db"),
        title: text("Sales warehouse"),
        login: Login::Windows { username: text(r"CONTOSO\svc_sales") },
        destinations: vec![
            data_source(Reach::OnPremises, None),
            Destination::Connection(connection(Connectivity::OnPremisesGateway)),
        ],
        policy: Policy { askers: vec![Asker::Person(ana()), Asker::Group(group)] },
        notify: vec![Room::slack("C0DATAOPS").unwrap()],
    }
}

fn rotation(stage: Stage, phases: [Phase; 2]) -> Rotation {
    let requester = Person { id: ana(), name: text("Ana") };
    let mut rotation = Rotation::new(id(), target(), requester, text("It expires on \"Monday\""), OPENED);
    rotation.stage = stage;
    for (run, phase) in rotation.runs.iter_mut().zip(phases) {
        run.phase = phase;
    }
    rotation
}

fn done(outcome: Outcome) -> Phase {
    Phase::Done(Receipt { outcome, request_id: Some(text("9c1f2f5e")) })
}

pub fn trouble(cause: Cause) -> Trouble {
    Trouble::of(Service::Fabric, cause)
}

pub fn rotations() -> Named<Rotation> {
    let waiting = |stage| rotation(stage, [Phase::Preparing, Phase::Preparing]);
    let ended = |stage, first, second| rotation(stage, [done(first), done(second)]);
    let testing = |operation| Phase::Testing { operation };
    let applying = Stage::Applying { since: LATER };
    let mut updating = rotation(applying.clone(), [Phase::Updating, testing(Some(text("0a2dafe6")))]);
    if let [first, second] = updating.runs.as_mut_slice() {
        *first = Run { failures: 3, due: LATER, sending: true, uncertain: true, ..first.clone() };
        second.request_id = Some(text("9c1f2f5e"));
    }
    vec![
        ("requested", waiting(Stage::Requested)),
        ("awaiting credential", waiting(Stage::AwaitingCredential { until: LATER })),
        ("applying", updating),
        ("applying, testing", rotation(applying, [testing(None), done(Outcome::Stored)])),
        ("applied", ended(Stage::Applied, Outcome::Verified, Outcome::Stored)),
        (
            "partly applied",
            ended(Stage::PartlyApplied, Outcome::Verified, Outcome::Untested(trouble(Cause::SourceOffline))),
        ),
        (
            "failed",
            ended(
                Stage::Failed,
                Outcome::Unchanged(trouble(Cause::CredentialRefused)),
                Outcome::Unknown(trouble(Cause::Unreachable)),
            ),
        ),
        ("cancelled", waiting(Stage::Cancelled)),
        ("expired", waiting(Stage::Expired)),
        ("superseded", waiting(Stage::Superseded)),
    ]
}

pub fn rotation_orders() -> Named<RotationOrder> {
    let open = RotationOrder::Open {
        id: id(),
        target: Box::new(target()),
        requester: Person { id: ana(), name: text("Ana") },
        reason: text("It expires"),
    };
    let credential = read("\"bm9uY2UgYW5kIGNpcGhlcnRleHQ=\"").unwrap();
    vec![
        ("open", open),
        ("supply", RotationOrder::Supply { person: ana(), credential }),
        ("cancel", RotationOrder::Cancel { person: ana() }),
        ("view", RotationOrder::View),
    ]
}

pub fn rotation_replies() -> Named<RotationReply> {
    let state = rotation(Stage::Requested, [Phase::Preparing, Phase::Preparing]);
    vec![
        ("state", RotationReply::State(Box::new(state))),
        ("occupied", RotationReply::Occupied(id())),
        ("too late", RotationReply::TooLate),
        ("not requester", RotationReply::NotRequester),
        ("unknown", RotationReply::Unknown),
    ]
}

pub fn register_orders() -> Named<RegisterOrder> {
    let finish = |how| RegisterOrder::Finish { target: name("sales-db"), rotation: id(), how, at: LATER };
    vec![
        ("put catalog", RegisterOrder::PutCatalog { text: text("[targets.sales-db]\n"), dry_run: true }),
        ("catalog", RegisterOrder::Catalog),
        ("find", RegisterOrder::Find(name("sales-db"))),
        ("search", RegisterOrder::Search { words: text("sales ware"), most: 20 }),
        ("claim", RegisterOrder::Claim { target: name("sales-db"), rotation: id() }),
        ("finish", finish(Some(Ending::PartlyApplied))),
        ("finish, nothing sent", finish(None)),
    ]
}

pub fn register_replies() -> Named<RegisterReply> {
    let last = Last { rotation: id(), how: Ending::Applied, at: LATER };
    let entry = Entry { name: name("sales-db"), title: text("Sales warehouse"), live: Some(id()), last: Some(last) };
    let bare = Entry { name: name("hr"), title: text("People"), live: None, last: None };
    let replaced = RegisterReply::Replaced {
        added: vec![name("crm")],
        removed: vec![name("old")],
        changed: vec![(name("sales-db"), vec![text("title"), text("policy")])],
        targets: 2,
        notes: vec![text("crm: a note")],
    };
    vec![
        ("replaced", replaced),
        ("problems", RegisterReply::Problems(vec![text("line 1: a problem")])),
        ("catalog", RegisterReply::Catalog(text("[targets.sales-db]\n"))),
        ("found", RegisterReply::Found { target: Box::new(target()), entry: entry.clone() }),
        ("not found", RegisterReply::NotFound(vec![name("sales-dw")])),
        ("listed", RegisterReply::Listed(vec![entry, bare], 7)),
        ("claimed", RegisterReply::Claimed),
        ("occupied", RegisterReply::Occupied(id())),
        ("finished", RegisterReply::Finished),
    ]
}

pub fn cards() -> Named<Vec<CardCopy>> {
    let copy = |place| CardCopy { place, posted: None, shown: String::new(), failures: 0, due: OPENED, gone: false };
    let room = Room::slack("C0DATAOPS").unwrap();
    let posted = CardCopy {
        posted: Some((text("C0DATAOPS"), text("1795285800.000100"))),
        shown: text("5f2b"),
        failures: 2,
        due: LATER,
        ..copy(Place::Room(room.clone()))
    };
    vec![
        ("none", Vec::new()),
        ("some", vec![posted, copy(Place::Person(ana())), CardCopy { gone: true, ..copy(Place::Room(room)) }]),
    ]
}

pub fn sealed() -> Named<SealedRow> {
    let member = |first, fingerprint, sealed| SealedMember {
        member: guid(first),
        fingerprint: text(fingerprint),
        sealed: text(sealed),
    };
    let members = vec![member("1f69e798", "ab12", "c2VhbGVk"), member("2f69e798", "cd34", "YWdhaW4=")];
    vec![("two members", SealedRow { members })]
}

pub fn notices() -> Named<Notice> {
    vec![
        ("not yet", Notice { told: false, failures: 4, due: LATER }),
        ("told", Notice { told: true, failures: 1, due: OPENED }),
    ]
}

pub fn lasts() -> Named<Last> {
    let last = |how| Last { rotation: id(), how, at: LATER };
    vec![
        ("applied", last(Ending::Applied)),
        ("partly applied", last(Ending::PartlyApplied)),
        ("failed", last(Ending::Failed)),
    ]
}

pub fn logins() -> Named<Login> {
    vec![
        ("anonymous", Login::Anonymous),
        ("basic", Login::Basic { username: text("svc") }),
        ("windows", Login::Windows { username: text(r"CONTOSO\svc") }),
        ("windows without impersonation", Login::WindowsWithoutImpersonation),
        ("key", Login::Key),
        ("oauth2", Login::OAuth2),
        ("sas", Login::Sas),
        ("service principal", Login::ServicePrincipal { tenant: guid("7e93afe6"), client: guid("8e93afe6") }),
        ("key pair", Login::KeyPair { identifier: text("SVC") }),
        ("workspace identity", Login::WorkspaceIdentity),
    ]
}

pub fn destinations() -> Named<Vec<Destination>> {
    let vias = Connectivity::ALL.iter().map(|via| connection(*via));
    let privacies = Privacy::ALL.iter().map(|privacy| Connection { privacy: *privacy, ..one() });
    let encryptions = ConnectionEncryption::ALL.iter().map(|value| Connection { encryption: Some(*value), ..one() });
    let sign_ons = SingleSignOn::ALL.iter().map(|value| Connection { single_sign_on: Some(*value), ..one() });
    let named =
        Connection { skip_test: true, display_name: Some(text("Sales 🔐")), usage_in_gateway: Some(false), ..one() };
    let of = |connections: Vec<Connection>| connections.into_iter().map(Destination::Connection).collect();
    vec![
        ("data sources", vec![data_source(Reach::OnPremises, None), data_source(Reach::Cloud, Some(guid("3f69e798")))]),
        ("connectivity types", of(vias.collect())),
        ("privacy levels", of(privacies.collect())),
        ("encryptions", of(encryptions.collect())),
        ("single sign-ons", of(sign_ons.collect())),
        ("with every setting", of(vec![named])),
    ]
}

fn one() -> Connection {
    connection(Connectivity::ShareableCloud)
}

pub fn troubles() -> Named<Vec<Trouble>> {
    let mut whole = Trouble::noted(Service::PowerBi, Cause::Throttled, "in our own words");
    whole.code = Some(text("DMTS_GatewayIsDisabled"));
    whole.status = Some(429);
    whole.request_id = Some(text("9c1f2f5e"));
    whole.retry_after = Some(Duration::from_millis(54_500));
    let services = [Service::Entra, Service::PowerBi, Service::Fabric, Service::Slack];
    let causes = [
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
    ];
    vec![
        ("whole", vec![whole]),
        ("services", services.map(|service| Trouble::of(service, Cause::Token)).to_vec()),
        ("causes", causes.map(trouble).to_vec()),
    ]
}
