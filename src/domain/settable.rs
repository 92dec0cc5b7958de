//! Which kinds of credential can be set where.

use std::fmt;

use super::credential::Kind;
use super::target::{Connectivity, Destination, Reach};

/// What decides whether a kind of credential can be set: the service, and how it reaches the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A Power BI data source.
    PowerBi(Reach),
    /// A Fabric connection.
    Fabric(Connectivity),
}

/// Why a kind of credential cannot be set at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsettable {
    /// The kind is one of Fabric's; Power BI's `credentialType` has no such value.
    FabricOnly(Kind),
    /// Fabric shows OAuth2 connections, and has no schema to give one a credential.
    ListedOnly,
    /// A workspace identity signs in from the cloud, never through a gateway (`DMTS_InvalidCredentialTypeError`).
    CloudOnly,
    /// The account a personal gateway runs under exists there only.
    PersonalGatewayOnly,
}

impl fmt::Display for Unsettable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FabricOnly(kind) => {
                write!(f, "{} can be set on Fabric connections only, not on Power BI data sources", kind.name())
            }
            Self::ListedOnly => f.write_str(
                "Fabric lists OAuth2 connections but offers no way to set their credential; sign in to it in the portal",
            ),
            Self::CloudOnly => f.write_str("WorkspaceIdentity works for cloud connections only, not through a gateway"),
            Self::PersonalGatewayOnly => {
                f.write_str("WindowsWithoutImpersonation works through a personal gateway only (OnPremisesGatewayPersonal)")
            }
        }
    }
}

impl Place {
    /// Where a destination is.
    pub const fn of(destination: &Destination) -> Self {
        match destination {
            Destination::DataSource(source) => Self::PowerBi(source.reach),
            Destination::Connection(connection) => Self::Fabric(connection.via),
        }
    }
}

/// Whether a credential of this kind can be set at this place (Power BI REST, Gateways: Update Datasource; Fabric REST,
/// Connections: Update Connection, `credentialType`).
///
/// # Errors
/// The reason why not.
pub const fn settable(kind: Kind, place: Place) -> Result<(), Unsettable> {
    use Connectivity::{OnPremisesGatewayPersonal, PersonalCloud, ShareableCloud};
    match (kind, place) {
        (Kind::KeyPair | Kind::WindowsWithoutImpersonation | Kind::WorkspaceIdentity, Place::PowerBi(_)) => {
            Err(Unsettable::FabricOnly(kind))
        }
        (Kind::OAuth2, Place::Fabric(_)) => Err(Unsettable::ListedOnly),
        (Kind::WorkspaceIdentity, Place::Fabric(ShareableCloud | PersonalCloud)) => Ok(()),
        (Kind::WorkspaceIdentity, Place::Fabric(_)) => Err(Unsettable::CloudOnly),
        (Kind::WindowsWithoutImpersonation, Place::Fabric(OnPremisesGatewayPersonal)) => Ok(()),
        (Kind::WindowsWithoutImpersonation, Place::Fabric(_)) => Err(Unsettable::PersonalGatewayOnly),
        _ => Ok(()),
    }
}

/// What people should know before they set a credential of this kind at this place.
pub const fn notes(kind: Kind, place: Place) -> Option<&'static str> {
    match (kind, place) {
        (Kind::OAuth2, Place::PowerBi(_)) => {
            Some("Power BI keeps no refresh token for an OAuth2 token set this way: it works for about one hour")
        }
        (Kind::Sas, Place::PowerBi(_)) => {
            Some("Power BI takes a shared access signature for Azure Blob Storage and Azure Data Lake Storage only")
        }
        (Kind::ServicePrincipal, Place::PowerBi(_)) => {
            Some("Power BI's documents do not list ServicePrincipal among the kinds of credential it takes")
        }
        (Kind::Windows, Place::Fabric(via)) if !via.sealed() => {
            Some("Fabric's documents say that Windows credentials work through on-premises gateways only")
        }
        _ => None,
    }
}

/// Whether Power BI takes a shared access signature for a data source of this `datasourceType` (Power BI REST, Gateways: Update
/// Datasource). The type is known only once the data source has been read.
pub fn sas_allowed(datasource_type: &str) -> bool {
    matches!(datasource_type, "AzureBlobs" | "AzureDataLakeStorage")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row for each kind; in columns: Power BI on premises and cloud, then Fabric in the order of `Connectivity::ALL`.
    /// `+` can be set, `~` can be set and has a note, `-` cannot.
    const TABLE: [(Kind, &str); 10] = [
        (Kind::Anonymous, "++ ++++++"),
        (Kind::Basic, "++ ++++++"),
        (Kind::Windows, "++ ~~++~~"),
        (Kind::WindowsWithoutImpersonation, "-- ---+--"),
        (Kind::Key, "++ ++++++"),
        (Kind::OAuth2, "~~ ------"),
        (Kind::Sas, "~~ ++++++"),
        (Kind::ServicePrincipal, "~~ ++++++"),
        (Kind::KeyPair, "-- ++++++"),
        (Kind::WorkspaceIdentity, "-- ++----"),
    ];

    #[test]
    fn every_kind_at_every_place() {
        assert_eq!(TABLE.map(|(kind, _)| kind), Kind::ALL);
        let places: Vec<Place> = [Place::PowerBi(Reach::OnPremises), Place::PowerBi(Reach::Cloud)]
            .into_iter()
            .chain(Connectivity::ALL.iter().copied().map(Place::Fabric))
            .collect();
        for (kind, row) in TABLE {
            let mut marks: String = places
                .iter()
                .map(|place| match (settable(kind, *place), notes(kind, *place)) {
                    (Err(_), _) => '-',
                    (Ok(()), Some(_)) => '~',
                    (Ok(()), None) => '+',
                })
                .collect();
            marks.insert(2, ' ');
            assert_eq!(marks, row, "{kind:?}");
        }
    }

    #[test]
    fn reasons_name_what_would_work() {
        let reason = |kind, place| settable(kind, place).unwrap_err().to_string();
        let power_bi = Place::PowerBi(Reach::Cloud);
        let gateway = Place::Fabric(Connectivity::OnPremisesGateway);
        assert!(reason(Kind::KeyPair, power_bi).contains("KeyPair can be set on Fabric connections only"));
        assert!(reason(Kind::WindowsWithoutImpersonation, power_bi).contains("Fabric connections only"));
        assert!(reason(Kind::WindowsWithoutImpersonation, gateway).contains("OnPremisesGatewayPersonal"));
        assert!(reason(Kind::WorkspaceIdentity, gateway).contains("cloud connections only"));
        assert!(reason(Kind::OAuth2, gateway).contains("portal"));
    }

    #[test]
    fn signatures_are_for_azure_storage() {
        assert!(sas_allowed("AzureBlobs") && sas_allowed("AzureDataLakeStorage"));
        assert!(!sas_allowed("Sql") && !sas_allowed("azureblobs") && !sas_allowed(""));
    }
}
