//! A target and its destinations: what is rotated, and every place that keeps it.

use std::time::Duration;

use super::credential::Login;
use super::names::{Guid, Room, TargetName};
use super::policy::Policy;
use super::source::Binding;
use super::trouble::Service;

/// A named thing people rotate. Cloned into a rotation when it opens: a rotation keeps the plan it began with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What people type.
    pub name: TargetName,
    /// What people read, at most 80 characters.
    pub title: String,
    /// The credential without its secret.
    pub login: Login,
    /// Where its value stands in a secret manager; absent where a person enters it.
    pub binding: Option<Binding>,
    /// Where it is kept; no place twice.
    pub destinations: Vec<Destination>,
    /// Semantic models whose data sources keep it; together with the destinations never empty.
    pub models: Vec<Model>,
    /// Who may do what.
    pub policy: Policy,
    /// Where cards are shown besides people's own messages.
    pub notify: Vec<Room>,
    /// Whom to ask about it, as the operator wrote it; at most 80 characters.
    pub owner: Option<String>,
    /// How often it has to be rotated.
    pub rotate_every: Option<Duration>,
}

/// One place where the credential is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A Power BI gateway data source.
    DataSource(DataSource),
    /// A Fabric connection.
    Connection(Connection),
}

/// A Power BI data source and the settings an update has to repeat, because reading does not return them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// The gateway; for a cloud source the owner's virtual gateway.
    pub gateway: Guid,
    /// The data source.
    pub id: Guid,
    /// Where the source is reached from.
    pub reach: Reach,
    /// `privacyLevel`.
    pub privacy: Privacy,
    /// `encryptedConnection`: of the connection to the source, not of the credential.
    pub encrypted_connection: bool,
    /// `useEndUserOAuth2Credentials`: single sign-on for DirectQuery. Always sent, so that leaving SSO is explicit.
    pub end_user_sso: bool,
    /// `useCallerAADIdentity`: only with OAuth2, and not for data sources of type Extension.
    pub caller_identity: bool,
    /// `X-PowerBI-Profile-Id`: the service principal profile that owns it.
    pub profile: Option<Guid>,
}

/// A Power BI semantic model, or a paginated report: the data sources bound to it are the destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The workspace. Paths without one are refused to service principals.
    pub workspace: Guid,
    /// What it is there.
    pub id: ItemId,
    /// `datasourceType` of the sources meant. Needed when the model has sources of several types.
    pub only: Option<String>,
    /// Where its sources are reached from when no gateway of their id is found.
    pub reach: Reach,
    /// `privacyLevel` of its sources.
    pub privacy: Privacy,
    /// `encryptedConnection` of its sources.
    pub encrypted_connection: bool,
    /// `useEndUserOAuth2Credentials` of its sources.
    pub end_user_sso: bool,
    /// `X-PowerBI-Profile-Id`: the service principal profile that owns it.
    pub profile: Option<Guid>,
    /// Whether it may be taken over when the service says that we do not own it.
    pub take_over: bool,
    /// Whether a refresh is started at the end, and followed.
    pub refresh: bool,
}

/// An item in a workspace that has data sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemId {
    /// A semantic model, which the API calls a dataset.
    Dataset(Guid),
    /// A paginated report. It keeps no data, so there is nothing to refresh.
    Report(Guid),
}

/// Where a Power BI data source is reached from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Through an on-premises gateway: the credential is sealed to its key.
    OnPremises,
    /// From the cloud: the credential goes in clear inside TLS, so the operator has to say so.
    Cloud,
}

/// A Fabric connection and the settings of its update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The connection.
    pub id: Guid,
    /// Must equal what the service says of it.
    pub via: Connectivity,
    /// `privacyLevel`.
    pub privacy: Privacy,
    /// `connectionEncryption`; absent leaves the choice to the service.
    pub encryption: Option<ConnectionEncryption>,
    /// `singleSignOnType`; absent leaves the choice to the service.
    pub single_sign_on: Option<SingleSignOn>,
    /// `skipTestConnection`.
    pub skip_test: bool,
    /// `displayName`: a new name, at most 200 characters; absent keeps it.
    pub display_name: Option<String>,
    /// `allowConnectionUsageInGateway`; absent keeps it.
    pub usage_in_gateway: Option<bool>,
    /// Whether Fabric takes its secret from Azure Key Vault: reading a connection does not show that, so the operator
    /// has to. Absent says nothing.
    pub key_vault: Option<bool>,
}

macro_rules! api_names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Their names, in that order.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name in the API and in the catalog.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of that name, if there is one.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

api_names!(
    /// `connectivityType`s that Fabric's Update Connection takes.
    Connectivity {
        /// A cloud connection that can be shared.
        ShareableCloud = "ShareableCloud",
        /// A cloud connection of one person.
        PersonalCloud = "PersonalCloud",
        /// Through an on-premises gateway, one sealed credential for every member.
        OnPremisesGateway = "OnPremisesGateway",
        /// Through a personal gateway, one sealed credential.
        OnPremisesGatewayPersonal = "OnPremisesGatewayPersonal",
        /// Through a virtual network gateway, which Microsoft runs.
        VirtualNetworkGateway = "VirtualNetworkGateway",
        /// Through a streaming virtual network gateway; cannot be tested.
        StreamingVirtualNetworkGateway = "StreamingVirtualNetworkGateway",
    }
);

api_names!(
    /// `privacyLevel`, of both APIs. Power BI does not return it, so it is always configured and always sent.
    Privacy {
        /// Not isolated.
        None = "None",
        /// Visible to everyone.
        Public = "Public",
        /// Visible to a trusted group.
        Organizational = "Organizational",
        /// Isolated from all others.
        Private = "Private",
    }
);

api_names!(
    /// Fabric's `connectionEncryption`.
    ConnectionEncryption {
        /// The test connects with TLS only.
        Encrypted = "Encrypted",
        /// With TLS first, then without.
        Any = "Any",
        /// Without TLS.
        NotEncrypted = "NotEncrypted",
    }
);

api_names!(
    /// Fabric's `singleSignOnType`.
    SingleSignOn {
        /// None.
        None = "None",
        /// Kerberos for DirectQuery.
        Kerberos = "Kerberos",
        /// Microsoft Entra ID.
        MicrosoftEntraId = "MicrosoftEntraID",
        /// SAML.
        Saml = "SecurityAssertionMarkupLanguage",
        /// Kerberos for DirectQuery and refresh.
        KerberosDirectQueryAndRefresh = "KerberosDirectQueryAndRefresh",
    }
);

impl Connectivity {
    /// Whether the credential is sealed to a gateway's own key before it is sent.
    pub const fn sealed(self) -> bool {
        matches!(self, Self::OnPremisesGateway | Self::OnPremisesGatewayPersonal)
    }
}

impl Destination {
    /// The id people find it by in the service.
    pub const fn id(&self) -> &Guid {
        match self {
            Self::DataSource(source) => &source.id,
            Self::Connection(connection) => &connection.id,
        }
    }

    /// The service that keeps it.
    pub const fn service(&self) -> Service {
        match self {
            Self::DataSource(_) => Service::PowerBi,
            Self::Connection(_) => Service::Fabric,
        }
    }

    /// Whether the credential is sealed to a gateway's own key before it is sent.
    pub const fn sealed(&self) -> bool {
        match self {
            Self::DataSource(source) => matches!(source.reach, Reach::OnPremises),
            Self::Connection(connection) => connection.via.sealed(),
        }
    }
}

impl ItemId {
    /// The id people find it by in the service.
    pub const fn id(&self) -> &Guid {
        match self {
            Self::Dataset(id) | Self::Report(id) => id,
        }
    }
}
