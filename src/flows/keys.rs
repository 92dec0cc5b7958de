//! Reading a destination: is it what the catalog says, and to which keys is its credential sealed?

use seal::GatewayKey;

use super::house::House;
use crate::clients::{GatewayState, PublicKey, fabric, powerbi};
use crate::domain::credential::Kind;
use crate::domain::names::Guid;
use crate::domain::settable::sas_allowed;
use crate::domain::target::{Connection, Connectivity, DataSource, Destination, Reach};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// A gateway member and the key it opens with.
pub struct MemberKey {
    /// The member; a lone gateway is its own.
    pub member: Guid,
    /// Its key.
    pub key: GatewayKey,
}

/// Reads the destination and answers the keys to seal to; `None` when it positively takes plaintext.
///
/// # Errors
/// When it cannot be read, is not what the catalog says, or shows no usable key: then nothing may be sent.
pub async fn read<P: Ports>(
    house: House<'_, P>,
    destination: &Destination,
    kind: Kind,
) -> Result<Option<Vec<MemberKey>>, Trouble> {
    match destination {
        Destination::DataSource(source) => data_source(house, source, kind).await,
        Destination::Connection(connection) => self::connection(house, connection).await,
    }
}

async fn data_source<P: Ports>(
    house: House<'_, P>,
    source: &DataSource,
    kind: Kind,
) -> Result<Option<Vec<MemberKey>>, Trouble> {
    let token = house.powerbi_token().await?;
    let api = house.powerbi(&token);
    let seen = api.data_source(source).await?;
    fits(source, &seen, kind)?;
    match (source.reach, api.gateway(source).await) {
        (Reach::OnPremises, Ok(gateway)) => {
            let key = gateway.public_key.ok_or_else(|| keyless(Service::PowerBi))?;
            Ok(Some(vec![usable(house, Service::PowerBi, &source.gateway, &key)?]))
        }
        // The operator says it is a cloud source, and there is no gateway of that id: its own virtual one is not found.
        (Reach::Cloud, Err(trouble)) if trouble.cause == Cause::NotFound && trouble.status == Some(404) => Ok(None),
        (Reach::Cloud, Ok(_)) => {
            let note = "the catalog says reach = \"Cloud\", but there is a gateway of that id";
            Err(Trouble::noted(Service::PowerBi, Cause::Mismatch, note))
        }
        (_, Err(trouble)) => Err(trouble),
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

async fn connection<P: Ports>(house: House<'_, P>, connection: &Connection) -> Result<Option<Vec<MemberKey>>, Trouble> {
    let (endpoint, token) = house.fabric_token().await?;
    let api = house.fabric(endpoint, &token);
    let seen = api.connection(&connection.id).await?;
    if seen.from_key_vault {
        return Err(Trouble::of(Service::Fabric, Cause::KeyVaultReference));
    }
    if seen.connectivity != connection.via.name() {
        let note = format!("the catalog says via = \"{}\", and Fabric does not", connection.via.name());
        return Err(Trouble::noted(Service::Fabric, Cause::Mismatch, note));
    }
    if !connection.via.sealed() {
        return Ok(None);
    }
    let gateway = seen.gateway.ok_or_else(|| keyless(Service::Fabric))?;
    // Said before anything is sealed; a check that takes its time does not hold the rotation up.
    if let Ok(GatewayState::Offline(trouble)) = api.gateway_status(&gateway).await {
        return Err(trouble);
    }
    match connection.via {
        Connectivity::OnPremisesGateway => {
            // Every listed member gets one, disabled ones too: they may be enabled again.
            let members = api.members(&gateway).await?;
            let keys = members
                .iter()
                .map(|member: &fabric::Member| usable(house, Service::Fabric, &member.id, &member.public_key));
            let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
            if keys.is_empty() { Err(keyless(Service::Fabric)) } else { Ok(Some(keys)) }
        }
        _ => {
            let key = api.gateway(&gateway).await?.public_key.ok_or_else(|| keyless(Service::Fabric))?;
            Ok(Some(vec![usable(house, Service::Fabric, &gateway, &key)?]))
        }
    }
}

fn usable<P: Ports>(
    house: House<'_, P>,
    service: Service,
    member: &Guid,
    key: &PublicKey,
) -> Result<MemberKey, Trouble> {
    let key = key.parse(house.config.legacy).map_err(|error| Trouble::noted(service, Cause::KeyUnusable, error))?;
    Ok(MemberKey { member: member.clone(), key })
}

fn keyless(service: Service) -> Trouble {
    Trouble::noted(service, Cause::KeyUnusable, "it shows no public key to this program")
}
