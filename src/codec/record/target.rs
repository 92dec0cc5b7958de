//! The shape of a target and everything it is made of.

use super::shape::{choice, record};
use crate::domain::credential::{Field, Login};
use crate::domain::policy::{Policy, Subject};
use crate::domain::source::{Binding, SecretId, Username};
use crate::domain::target::{
    Connection, ConnectionEncryption, Connectivity, DataSource, Destination, ItemId, Model, Privacy, Reach,
    SingleSignOn, Target,
};
use crate::domain::window::{Day, Window};

record!(Target { name, title, login, binding, destinations, models, policy, notify, owner, rotate_every });
record!(Policy { askers, approvers, approvals, allow_self, expires, windows, break_glass, stop });
record!(Binding { source, place, secret, fields, username, ask_again });
choice!(SecretId { Named(name), Kv { mount, path }, StaticRole { mount, role } });
choice!(Username { Key(key), Tag(tag) });
choice!(Field { Password, Key, AccessToken, Token, ClientSecret, PrivateKey, Passphrase });
choice!(Subject { Person(person), Group(group) });
record!(Window { days, from, to, zone });
choice!(Day { Mon, Tue, Wed, Thu, Fri, Sat, Sun });
record!(Model { workspace, id, only, reach, privacy, encrypted_connection, end_user_sso, profile, take_over, refresh });
choice!(ItemId { Dataset(id), Report(id) });
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
record!(Connection {
    id,
    via,
    privacy,
    encryption,
    single_sign_on,
    skip_test,
    display_name,
    usage_in_gateway,
    key_vault,
});
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
