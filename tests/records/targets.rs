//! Samples of targets, of what they are made of, and of trouble.

use std::time::Duration;

use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::policy::{Policy, Subject};
use pbi_rotate::domain::target::{
    Connection, ConnectionEncryption, Connectivity, Destination, ItemId, Model, Privacy, Reach, SingleSignOn, Target,
};
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};
use pbi_rotate::domain::window::{Day, Window};

use crate::parts::{Named, code, connection, data_source, guid, model, policy, target, text, trouble};

pub fn targets() -> Named<Target> {
    let whole = Target {
        models: vec![model(ItemId::Dataset(guid("6f69e798")))],
        policy: policy(),
        owner: Some(text("Data platform")),
        rotate_every: Some(Duration::from_secs(90 * 24 * 60 * 60)),
        ..target()
    };
    let bound = Target { binding: Some(crate::sources::binding()), ..target() };
    vec![("plain", target()), ("with everything", whole), ("bound", bound)]
}

pub fn policies() -> Named<Policy> {
    let every_day = policy().windows.into_iter().map(|window| Window { days: Day::ALL.to_vec(), ..window });
    let open = Policy::open_to(vec![Subject::Group(crate::parts::data())]);
    vec![("open", open), ("with everything", Policy { windows: every_day.collect(), ..policy() })]
}

pub fn models() -> Named<Vec<Model>> {
    let [dataset, report] = [model(ItemId::Dataset(guid("6f69e798"))), model(ItemId::Report(guid("7f69e798")))];
    let named = Model { only: Some(text("Sql")), profile: Some(guid("3f69e798")), take_over: false, ..report };
    vec![("models", vec![dataset, named])]
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
    let named = Connection {
        skip_test: true,
        display_name: Some(text("Sales 🔐")),
        usage_in_gateway: Some(false),
        key_vault: Some(true),
        ..one()
    };
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
    whole.code = Some(code("DMTS_GatewayIsDisabled"));
    whole.status = Some(429);
    whole.request_id = Some(code("9c1f2f5e"));
    whole.retry_after = Some(Duration::from_millis(54_500));
    let services = [
        Service::Entra,
        Service::PowerBi,
        Service::Fabric,
        Service::Slack,
        Service::Teams,
        Service::Graph,
        Service::KeyVault,
        Service::Aws,
        Service::Google,
        Service::Vault,
        Service::Doppler,
        Service::Infisical,
        Service::Push,
        Service::Manager,
        Service::Storage,
    ];
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
        Cause::NotRefreshed,
        Cause::WindowClosed,
        Cause::SecretUnfit,
        Cause::LeftOut,
        Cause::SealedForOthers,
    ];
    vec![
        ("whole", vec![whole]),
        ("services", services.map(|service| Trouble::of(service, Cause::Token)).to_vec()),
        ("causes", causes.map(trouble).to_vec()),
    ]
}
