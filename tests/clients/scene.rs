//! The destinations, credentials and tokens the tests speak of.

use std::rc::Rc;

use pbi_rotate::clients::entra::{AccessToken, Tokens};
use pbi_rotate::clients::payload::{Payload, SealedFor};
use pbi_rotate::config::{EntraConfig, SlackConfig};
use pbi_rotate::domain::credential::{Kind, Login};
use pbi_rotate::domain::names::{Guid, PersonId, RotationId, TargetName, Zone};
use pbi_rotate::domain::policy::Policy;
use pbi_rotate::domain::rotation::{Approved, Event, Moment, Person, Rotation};
use pbi_rotate::domain::target::{Connection, Connectivity, DataSource, Destination, Privacy, Reach, Target};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::window::Zones;
use seal::{Credential, Sealed, Secret};

use crate::wire::{Script, answer, run};

pub const NOW: Timestamp = Timestamp(1_700_000_000_000);
pub const GATEWAY: &str = "1f69e798-5852-4fdd-ab01-33bb14b6e934";
pub const SECOND: &str = "2f69e798-5852-4fdd-ab01-33bb14b6e934";
pub const SOURCE: &str = "252b9de8-d915-4788-aaeb-ec8c2395f970";
pub const CONNECTION: &str = "70b17680-48f1-4729-9df6-02576647dc3a";
pub const TENANT: &str = "00000000-0000-0000-0000-00000000000a";
pub const CLIENT: &str = "00000000-0000-0000-0000-00000000000b";

pub fn guid(text: &str) -> Guid {
    Guid::parse(text).unwrap()
}

pub fn entra() -> EntraConfig {
    let login_url = "https://login.test".to_owned();
    EntraConfig { tenant: guid(TENANT), client: guid(CLIENT), secret: secret("cl13nt s3cret&+"), login_url }
}

/// A workspace whose bot token is `xoxb-t0ken`.
pub fn workspace() -> SlackConfig {
    SlackConfig {
        signing_secret: secret("s1gning"),
        bot_token: secret("xoxb-t0ken"),
        app_id: "A0APP".into(),
        team_id: Some("T0TEAM".into()),
        enterprise_id: None,
        command: "/pbi".into(),
        api_url: "https://slack.test/api".into(),
        hooks_url: "https://hooks.slack.test".into(),
    }
}

/// A token `t0ken`.
pub fn token() -> Rc<AccessToken> {
    let wire = Script::new([answer(200, &[], r#"{"access_token":"t0ken","expires_in":3599}"#)]);
    run(Tokens::new().get(&wire, &entra(), "scope", NOW)).unwrap_or_else(|trouble| panic!("{trouble:?}"))
}

pub fn source(reach: Reach) -> DataSource {
    DataSource {
        gateway: guid(GATEWAY),
        id: guid(SOURCE),
        reach,
        privacy: Privacy::Organizational,
        encrypted_connection: true,
        end_user_sso: false,
        caller_identity: false,
        profile: None,
    }
}

pub fn connection(via: Connectivity) -> Connection {
    Connection {
        id: guid(CONNECTION),
        via,
        privacy: Privacy::Private,
        encryption: None,
        single_sign_on: None,
        skip_test: false,
        display_name: None,
        usage_in_gateway: None,
        key_vault: None,
    }
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// A credential of that kind in clear.
pub fn clear(kind: Kind) -> Payload {
    Payload::Clear(match kind {
        Kind::Anonymous => Credential::Anonymous,
        Kind::Basic => Credential::Basic { username: "ana".into(), password: secret("pässw0rd\"\\") },
        Kind::Windows => Credential::Windows { username: r"CONTOSO\svc".into(), password: secret("pw") },
        Kind::WindowsWithoutImpersonation => Credential::WindowsWithoutImpersonation,
        Kind::Key => Credential::Key { key: secret("k3y") },
        Kind::OAuth2 => Credential::OAuth2 { access_token: secret("at") },
        Kind::Sas => Credential::Sas { token: secret("sp=rl&sig=x%2F") },
        Kind::ServicePrincipal => {
            Credential::ServicePrincipal { tenant_id: TENANT.into(), client_id: CLIENT.into(), secret: secret("sps") }
        }
        Kind::KeyPair => Credential::KeyPair {
            identifier: "LOADER".into(),
            private_key: secret("pem"),
            passphrase: Some(secret("pp")),
        },
        Kind::WorkspaceIdentity => return Payload::WorkspaceIdentity,
    })
}

/// Ciphertexts for these members: `sealed 0`, `sealed 1`.
pub fn sealed(members: &[&str]) -> Payload {
    let one = |(at, member): (usize, &&str)| SealedFor {
        member: guid(member),
        sealed: Sealed::from_stored(format!("sealed {at}")),
    };
    Payload::Sealed(members.iter().enumerate().map(one).collect())
}

/// No policy here has a window.
struct Nowhere;

impl Zones for Nowhere {
    fn offset(&self, _: &Zone, _: Timestamp) -> Option<i32> {
        None
    }
}

/// Leave to update `destination`, come by as everybody comes by it.
pub fn approved(destination: Destination, login: Login) -> Approved {
    let ana = Person { id: PersonId::slack("U0ANA").unwrap(), name: "Ana".into(), also: Vec::new() };
    let target = Target {
        name: TargetName::parse("sales-db").unwrap(),
        title: "Sales".into(),
        login,
        binding: None,
        destinations: vec![destination],
        models: Vec::new(),
        policy: Policy::open_to(Vec::new()),
        notify: Vec::new(),
        owner: None,
        rotate_every: None,
    };
    let id = RotationId::parse("zw00000000000001").unwrap();
    let mut rotation = Rotation::new(id, target, ana.clone().into(), "due".into(), false, NOW);
    let moment = Moment { now: NOW, chance: 0, zones: &Nowhere };
    for event in [Event::Claimed, Event::Checked(0, Ok(())), Event::Supplied(ana), Event::Prepared(0, Ok(()))] {
        assert!(rotation.step(event, moment).unwrap().is_none());
    }
    rotation.step(Event::Update(0), moment).unwrap().expect("an approval")
}
