//! The shape of a target and everything it is made of.

use super::shape::{choice, record};
use crate::domain::credential::Login;
use crate::domain::policy::{Asker, Policy};
use crate::domain::target::{
    Connection, ConnectionEncryption, Connectivity, DataSource, Destination, Privacy, Reach, SingleSignOn, Target,
};

record!(Target { name, title, login, destinations, policy, notify });
record!(Policy { askers });
choice!(Asker { Person(person), Group(group) });
choice!(Login {
    Anonymous,
    Basic { username },
    Windows { username },
    WindowsWithoutImpersonation,
    Key,
    OAuth2,
    Sas,
    ServicePrincipal { tenant, client },
    KeyPair { identifier },
    WorkspaceIdentity,
});

choice!(Destination { DataSource(source), Connection(connection) });
record!(DataSource { gateway, id, reach, privacy, encrypted_connection, end_user_sso, caller_identity, profile });
choice!(Reach { OnPremises, Cloud });
record!(Connection { id, via, privacy, encryption, single_sign_on, skip_test, display_name, usage_in_gateway });
choice!(Connectivity {
    ShareableCloud,
    PersonalCloud,
    OnPremisesGateway,
    OnPremisesGatewayPersonal,
    VirtualNetworkGateway,
    StreamingVirtualNetworkGateway,
});
choice!(Privacy { None, Public, Organizational, Private });
choice!(ConnectionEncryption { Encrypted, Any, NotEncrypted });
choice!(SingleSignOn { None, Kerberos, MicrosoftEntraId, Saml, KerberosDirectQueryAndRefresh });
