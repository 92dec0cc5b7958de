//! What samples are made of: names, people, places, moments.

use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::names::{Code, GroupId, Guid, PersonId, Room, RotationId, TargetName, Zone};
use pbi_rotate::domain::policy::{Policy, Subject};
use pbi_rotate::domain::rotation::Person;
use pbi_rotate::domain::target::{
    Connection, Connectivity, DataSource, Destination, ItemId, Model, Privacy, Reach, Target,
};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};
use pbi_rotate::domain::window::{Day, Window};

/// Samples, each by the name it has in its fixture.
pub type Named<T> = Vec<(&'static str, T)>;

pub const OPENED: Timestamp = Timestamp(1_795_285_800_000);
pub const LATER: Timestamp = Timestamp(1_795_285_860_250);

pub fn guid(first: &str) -> Guid {
    Guid::parse(&format!("{first}-5852-4fdd-ab01-33bb14b6e934")).unwrap()
}

pub fn name(text: &str) -> TargetName {
    TargetName::parse(text).unwrap()
}

pub fn id() -> RotationId {
    RotationId::parse("7f3k9qxm2b4c6d8e").unwrap()
}

pub fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn ana() -> Person {
    Person { id: PersonId::slack("U0ANA").unwrap(), name: text("Ana"), also: Vec::new() }
}

pub fn data() -> GroupId {
    GroupId::slack("S0DATA").unwrap()
}

pub fn room() -> Room {
    Room::slack("C0DATAOPS").unwrap()
}

pub fn text(text: &str) -> String {
    text.to_owned()
}

pub fn data_source(reach: Reach, profile: Option<Guid>) -> Destination {
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

pub fn connection(via: Connectivity) -> Connection {
    Connection {
        id: guid("70b17680"),
        via,
        privacy: Privacy::Private,
        encryption: None,
        single_sign_on: None,
        skip_test: false,
        display_name: None,
        key_vault: None,
        usage_in_gateway: None,
    }
}

pub fn model(id: ItemId) -> Model {
    Model {
        workspace: guid("5f69e798"),
        id,
        only: None,
        reach: Reach::Cloud,
        privacy: Privacy::Organizational,
        encrypted_connection: true,
        end_user_sso: false,
        profile: None,
        take_over: true,
        refresh: true,
    }
}

/// A policy with nothing left out.
pub fn policy() -> Policy {
    let window =
        Window { days: vec![Day::Sat, Day::Sun], from: 1320, to: 240, zone: Zone::parse("Europe/Vienna").unwrap() };
    Policy {
        approvers: vec![Subject::Group(data())],
        approvals: 2,
        allow_self: true,
        windows: vec![window],
        break_glass: vec![Subject::Person(ana().id)],
        stop: std::time::Duration::from_secs(60),
        ..Policy::open_to(vec![Subject::Person(ana().id), Subject::Group(data())])
    }
}

pub fn target() -> Target {
    Target {
        name: name("sales-db"),
        title: text("Sales warehouse"),
        login: Login::Windows { username: text(r"CONTOSO\svc_sales") },
        binding: None,
        destinations: vec![
            data_source(Reach::OnPremises, None),
            Destination::Connection(connection(Connectivity::OnPremisesGateway)),
        ],
        models: Vec::new(),
        policy: Policy::open_to(vec![Subject::Group(data())]),
        notify: vec![room()],
        owner: None,
        rotate_every: None,
    }
}

pub fn trouble(cause: Cause) -> Trouble {
    Trouble::of(Service::Fabric, cause)
}
