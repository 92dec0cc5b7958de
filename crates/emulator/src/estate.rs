//! The company's machines: gateways with their private keys, and the databases that accept a credential or refuse it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::credential::Login;
use crate::opener::{OpenError, PrivateKey};
use crate::scene;
use crate::world::{State, World};

/// A gateway, or what the services call one.
pub(crate) struct Gateway {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: GatewayKind,
    /// The cluster's members, the primary first; its id is the gateway's. Only on-premises gateways have any.
    pub(crate) members: Vec<Member>,
    /// Whether the app is an administrator of it.
    pub(crate) administered: bool,
    pub(crate) online: bool,
}

/// Kinds of gateways.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum GatewayKind {
    OnPremises,
    Personal,
    VirtualNetwork,
    StreamingVirtualNetwork,
    /// What Power BI names as the gateway of a user's cloud data sources; it cannot be read.
    CloudVirtual,
}

/// One machine of an on-premises gateway.
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Shared: many pretend machines may have the same.
    pub(crate) key: Arc<PrivateKey>,
    pub(crate) version: String,
    pub(crate) enabled: bool,
}

/// A credential that reached its destination, in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opened {
    /// `powerbi` or `fabric`.
    pub service: String,
    /// The data source or connection it was sent to.
    pub place: String,
    /// The gateway member whose key opened it; none for a cloud or virtual-network destination.
    pub member: Option<String>,
    /// `credentialType` as sent.
    pub credential_type: String,
    /// What it says.
    pub plaintext: String,
    /// Whether it took the old one's place; false when the database refused it.
    pub kept: bool,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A connection test somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionTest {
    /// `powerbi` or `fabric`.
    pub service: String,
    /// The data source or connection tested.
    pub place: String,
    /// What came out.
    pub online: bool,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// The machines, and what happened on them.
#[derive(Default)]
pub(crate) struct Estate {
    pub(crate) gateways: Vec<Gateway>,
    /// The one secret a destination's database accepts, by destination; without an entry it accepts any.
    pub(crate) accepts: BTreeMap<String, String>,
    pub(crate) opened: Vec<Opened>,
    pub(crate) tests: Vec<ConnectionTest>,
}

impl Gateway {
    /// The key that stands for the whole gateway.
    pub(crate) fn primary(&self) -> Option<&Member> {
        self.members.first()
    }

    pub(crate) fn is_on_premises(&self) -> bool {
        matches!(self.kind, GatewayKind::OnPremises | GatewayKind::Personal)
    }
}

impl Estate {
    pub(crate) fn gateway(&self, id: &str) -> Option<&Gateway> {
        self.gateways.iter().find(|gateway| gateway.id == id)
    }

    /// Gives a gateway member the key pair that is kept for that.
    #[expect(clippy::expect_used, reason = "the key is part of this crate")]
    pub(crate) fn rekey(&mut self, gateway: &str, member: &str) {
        let key = PrivateKey::from_pkcs8_pem(scene::REPLACEMENT_KEY).expect("a private key of the standard scene");
        self.set_key(gateway, member, key);
    }

    fn set_key(&mut self, gateway: &str, member: &str, key: PrivateKey) {
        let gateway = self.gateways.iter_mut().find(|known| known.id == gateway);
        if let Some(member) = gateway.and_then(|gateway| gateway.members.iter_mut().find(|known| known.id == member)) {
            member.key = Arc::new(key);
        }
    }

    /// What the destination's database says to a login: nothing when it lets it in.
    pub(crate) fn refusal(&self, place: &str, login: &Login) -> Option<String> {
        let accepted = self.accepts.get(place)?;
        if login.pairs.iter().any(|(name, value)| name != "username" && value == accepted) {
            return None;
        }
        let name = login.value("username").or_else(|| login.value("servicePrincipalClientId"));
        Some(match name {
            Some(name) => format!("Login failed for user '{name}'."),
            None => "The server refused the credential.".to_owned(),
        })
    }
}

impl State {
    /// Sets the one secret that the database behind a destination accepts; none accepts any.
    pub(crate) fn accept_only(&mut self, place: &str, password: Option<&str>) {
        let source = self.powerbi.sources.iter().find(|source| source.id == place);
        let place = source.map_or(place, |source| &source.database);
        match password {
            Some(password) => self.estate.accepts.insert(place.to_owned(), password.to_owned()),
            None => self.estate.accepts.remove(place),
        };
    }
}

impl World {
    /// Every credential that reached a destination, in order.
    pub fn opened(&self) -> Vec<Opened> {
        self.lock().estate.opened.clone()
    }

    /// Every connection test asked for, in order.
    pub fn tests(&self) -> Vec<ConnectionTest> {
        self.lock().estate.tests.clone()
    }

    /// Sets the one password, key or token that the database behind a data source or connection accepts; none accepts any.
    pub fn set_source_password(&self, place: &str, password: Option<&str>) {
        self.lock().accept_only(place, password);
    }

    /// Puts every machine of a gateway on line or off line.
    pub fn set_gateway_online(&self, gateway: &str, online: bool) {
        self.on_gateway(gateway, |gateway| gateway.online = online);
    }

    /// Makes the app an administrator of a gateway, or takes that right away.
    pub fn set_gateway_admin(&self, gateway: &str, administered: bool) {
        self.on_gateway(gateway, |gateway| gateway.administered = administered);
    }

    /// Gives a gateway member another key pair, as when the gateway is restored with a new recovery key.
    ///
    /// # Errors
    /// [`OpenError::Key`] when the text is not a PKCS#8 PEM document of an RSA key.
    pub fn set_member_key(&self, gateway: &str, member: &str, pem: &str) -> Result<(), OpenError> {
        self.lock().estate.set_key(gateway, member, PrivateKey::from_pkcs8_pem(pem)?);
        Ok(())
    }

    /// Enables or disables a gateway member.
    pub fn set_member_enabled(&self, gateway: &str, member: &str, enabled: bool) {
        self.on_gateway(gateway, |gateway| {
            if let Some(member) = gateway.members.iter_mut().find(|known| known.id == member) {
                member.enabled = enabled;
            }
        });
    }

    fn on_gateway(&self, id: &str, change: impl FnOnce(&mut Gateway)) {
        if let Some(gateway) = self.lock().estate.gateways.iter_mut().find(|gateway| gateway.id == id) {
            change(gateway);
        }
    }
}
