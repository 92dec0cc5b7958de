//! Looking at places: is each what the catalog says, and to which keys is its credential sealed?
//!
//! Several places at once, because many are behind the same gateway, and a gateway is read once.

use seal::{GatewayKey, KeyError};

use super::house::House;
use super::together::{Pending, all};
use crate::clients::{GatewayState, PublicKey, powerbi};
use crate::codec::record::{Gateway, GatewayMember};
use crate::domain::credential::Kind;
use crate::domain::names::Guid;
use crate::domain::settable::sas_allowed;
use crate::domain::target::{Connection, Connectivity, DataSource, Destination, Reach};
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// A gateway member and the key it opens with.
pub struct MemberKey {
    /// The member; a lone gateway is its own.
    pub member: Guid,
    /// Its key.
    pub key: GatewayKey,
}

/// What a place takes: a credential sealed to these keys; `None` when it positively takes plaintext.
pub type Keys = Result<Option<Vec<MemberKey>>, Trouble>;

/// Gateways that were read already, so that each is read once.
pub trait Gateways {
    /// The gateway of that id as the service shows it, if it was read.
    fn known(&self, service: Service, id: &Guid) -> Option<Gateway>;
    /// Keeps which gateway a place is behind. Should that fail, nothing can be sealed for the place beforehand.
    fn lead(&self, place: &Guid, gateway: &Guid);
    /// Keeps a gateway as the service shows it. Should that fail, it is read once more.
    fn keep(&self, service: Service, id: &Guid, gateway: &Gateway, at: Timestamp);
}

/// Most calls that looking at one place takes: itself, and its gateway.
pub const CALLS: usize = 1 + READING;
/// Most calls that reading one gateway takes: itself, or its members, and its state.
pub(super) const READING: usize = 2;

/// Looks at each of the places. `fresh` reads gateways again that were read before.
///
/// # Errors
/// For each place: when it cannot be read, is not what the catalog says, or shows no usable key. Then nothing may be sent.
pub async fn look<P: Ports>(
    house: House<'_, P>,
    gateways: &dyn Gateways,
    places: &[&Destination],
    kind: Kind,
    fresh: bool,
) -> Vec<Keys> {
    let seen = all(places.iter().map(|place| -> Pending<'_, _> { Box::pin(see(house, place, kind)) }).collect()).await;
    for (place, seen) in places.iter().zip(&seen) {
        if let Ok(Some(way)) = seen {
            gateways.lead(place.id(), &way.gateway);
        }
    }
    let mut found: Vec<(&Way, Result<Gateway, Trouble>)> = Vec::new();
    let mut unread: Vec<&Way> = Vec::new();
    for way in seen.iter().filter_map(|seen| seen.as_ref().ok()?.as_ref()) {
        let known = found.iter().any(|(other, _)| other.same(way));
        if known || unread.iter().any(|other| other.same(way)) {
            continue;
        }
        match gateways.known(way.service, &way.gateway) {
            Some(gateway) if !fresh => found.push((way, Ok(gateway))),
            _ => unread.push(way),
        }
    }
    let read = all(unread.iter().map(|way| -> Pending<'_, _> { Box::pin(read(house, way)) }).collect()).await;
    for (way, gateway) in unread.into_iter().zip(read) {
        if let Ok(gateway) = &gateway {
            gateways.keep(way.service, &way.gateway, gateway, house.ports.now());
        }
        found.push((way, gateway));
    }
    let keys = |way: &Way| match found.iter().find(|(other, _)| other.same(way)) {
        Some((_, Ok(gateway))) => usable(house, way.service, gateway),
        Some((_, Err(trouble))) => Err(trouble.clone()),
        None => Err(keyless(way.service)),
    };
    let answer = |seen: &Result<Option<Way>, Trouble>| match seen {
        Ok(Some(way)) => keys(way).map(Some),
        Ok(None) => Ok(None),
        Err(trouble) => Err(trouble.clone()),
    };
    seen.iter().map(answer).collect()
}

/// The way to the keys of a place that was looked at: `led` knows behind which gateway it was then.
pub(super) fn way(led: impl Fn(&Guid) -> Option<Guid>, place: &Destination) -> Option<Way> {
    match place {
        Destination::DataSource(source) => {
            let through = Through::PowerBi(Box::new(source.clone()));
            Some(Way { service: Service::PowerBi, gateway: source.gateway.clone(), through })
        }
        Destination::Connection(connection) => {
            let through = through(connection.via)?;
            Some(Way { service: Service::Fabric, gateway: led(&connection.id)?, through })
        }
    }
}

/// How the gateway of a connection is read; `None` for a connection that has none.
const fn through(via: Connectivity) -> Option<Through> {
    match via {
        Connectivity::OnPremisesGateway => Some(Through::Members),
        Connectivity::OnPremisesGatewayPersonal => Some(Through::Personal),
        _ => None,
    }
}

/// The way to a gateway's keys.
pub(super) struct Way {
    /// The service that shows them.
    pub(super) service: Service,
    /// The gateway.
    pub(super) gateway: Guid,
    through: Through,
}

impl Way {
    /// Whether both lead to the same keys. Power BI and Fabric show different ones of the same gateway.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.service == other.service && self.gateway == other.gateway
    }
}

/// How a gateway is read.
enum Through {
    /// As the gateway of this data source.
    PowerBi(Box<DataSource>),
    /// Every member has a key.
    Members,
    /// It has one key.
    Personal,
}

/// Reads the place itself; `None` when it positively takes plaintext.
async fn see<P: Ports>(house: House<'_, P>, place: &Destination, kind: Kind) -> Result<Option<Way>, Trouble> {
    match place {
        Destination::DataSource(source) => data_source(house, source, kind).await,
        Destination::Connection(connection) => self::connection(house, connection).await,
    }
}

async fn data_source<P: Ports>(house: House<'_, P>, source: &DataSource, kind: Kind) -> Result<Option<Way>, Trouble> {
    let token = house.powerbi_token().await?;
    let api = house.powerbi(&token);
    let seen = api.data_source(source).await?;
    fits(source, &seen, kind)?;
    if source.reach == Reach::OnPremises {
        let through = Through::PowerBi(Box::new(source.clone()));
        return Ok(Some(Way { service: Service::PowerBi, gateway: source.gateway.clone(), through }));
    }
    match api.gateway(source).await {
        // The operator says it is a cloud source, and there is no gateway of that id: its own virtual one is not found.
        Err(trouble) if trouble.cause == Cause::NotFound && trouble.status == Some(404) => Ok(None),
        Ok(_) => {
            let note = "the catalog says reach = \"Cloud\", but there is a gateway of that id";
            Err(Trouble::noted(Service::PowerBi, Cause::Mismatch, note))
        }
        Err(trouble) => Err(trouble),
    }
}

/// What can be said of a data source only once its type is known.
fn fits(source: &DataSource, seen: &powerbi::Seen, kind: Kind) -> Result<(), Trouble> {
    let datasource_type = seen.datasource_type.as_deref().unwrap_or_default();
    if kind == Kind::Sas && !sas_allowed(datasource_type) {
        let note = "a SAS is taken only by AzureBlobs and AzureDataLakeStorage";
        return Err(Trouble::noted(Service::PowerBi, Cause::KindRefused, note));
    }
    if source.caller_identity && datasource_type == "Extension" {
        let note = "caller_identity cannot be used with data sources of type Extension";
        return Err(Trouble::noted(Service::PowerBi, Cause::KindRefused, note));
    }
    Ok(())
}

async fn connection<P: Ports>(house: House<'_, P>, connection: &Connection) -> Result<Option<Way>, Trouble> {
    let (endpoint, token) = house.fabric_token().await?;
    let seen = house.fabric(endpoint, &token).connection(&connection.id).await?;
    if seen.connectivity != connection.via.name() {
        let note = format!("the catalog says via = \"{}\", and Fabric does not", connection.via.name());
        return Err(Trouble::noted(Service::Fabric, Cause::Mismatch, note));
    }
    if seen.from_key_vault || connection.key_vault == Some(true) {
        return Err(Trouble::of(Service::Fabric, Cause::KeyVaultReference));
    }
    let Some(through) = through(connection.via) else { return Ok(None) };
    let gateway = seen.gateway.ok_or_else(|| keyless(Service::Fabric))?;
    Ok(Some(Way { service: Service::Fabric, gateway, through }))
}

/// Reads a gateway: that it is not offline, and its members' keys.
pub(super) async fn read<P: Ports>(house: House<'_, P>, way: &Way) -> Result<Gateway, Trouble> {
    let member = |member: &Guid, key: PublicKey| GatewayMember {
        member: member.clone(),
        exponent: key.exponent,
        modulus: key.modulus,
    };
    if let Through::PowerBi(source) = &way.through {
        let token = house.powerbi_token().await?;
        let gateway = house.powerbi(&token).gateway(source).await?;
        if let GatewayState::Offline(trouble) = gateway.state {
            return Err(trouble);
        }
        let key = gateway.public_key.ok_or_else(|| keyless(way.service))?;
        return Ok(Gateway { members: vec![member(&way.gateway, key)] });
    }
    let (endpoint, token) = house.fabric_token().await?;
    let api = house.fabric(endpoint, &token);
    // Said before anything is sealed; a check that takes its time does not hold the rotation up.
    if let Ok(GatewayState::Offline(trouble)) = api.gateway_status(&way.gateway).await {
        return Err(trouble);
    }
    if matches!(way.through, Through::Personal) {
        let key = api.gateway(&way.gateway).await?.public_key.ok_or_else(|| keyless(way.service))?;
        return Ok(Gateway { members: vec![member(&way.gateway, key)] });
    }
    // Every listed member gets one, disabled ones too: they may be enabled again.
    let members = api.members(&way.gateway).await?;
    Ok(Gateway { members: members.into_iter().map(|listed| member(&listed.id, listed.public_key)).collect() })
}

/// The keys of a gateway, checked.
pub(super) fn usable<P: Ports>(
    house: House<'_, P>,
    service: Service,
    gateway: &Gateway,
) -> Result<Vec<MemberKey>, Trouble> {
    let keys = usable_keys(house, gateway);
    let keys = keys.map_err(|error| Trouble::noted(service, Cause::KeyUnusable, error))?;
    if keys.is_empty() { Err(keyless(service)) } else { Ok(keys) }
}

/// The same, whoever shows them.
pub(super) fn usable_keys<P: Ports>(house: House<'_, P>, gateway: &Gateway) -> Result<Vec<MemberKey>, KeyError> {
    let key = |GatewayMember { member, exponent, modulus }: &GatewayMember| {
        let key = GatewayKey::parse(exponent, modulus, house.config.legacy)?;
        Ok(MemberKey { member: member.clone(), key })
    };
    gateway.members.iter().map(key).collect()
}

pub(super) fn keyless(service: Service) -> Trouble {
    Trouble::noted(service, Cause::KeyUnusable, "it shows no public key to this program")
}
