//! Everything about the world that can be set, as JSON.

use serde::Deserialize;

use crate::entra::SecretState;
use crate::fabric::Rights;
use crate::powerbi::RefreshEnd;
use crate::world::World;

/// One change; each is the writer of [`World`] with the same name.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Setting {
    SourcePassword { place: String, password: Option<String> },
    GatewayOnline { gateway: String, online: bool },
    GatewayAdmin { gateway: String, administered: bool },
    MemberKey { gateway: String, member: String, pem: String },
    MemberEnabled { gateway: String, member: String, enabled: bool },
    MissingMembersAllowed(bool),
    ConnectionRights { connection: String, rights: Rights },
    LongRunning { id: String, polls: Option<u32> },
    ModelOwned { model: String, owned: bool },
    ModelBound { model: String, bound: bool },
    SharedCapacity { model: String, shared: bool },
    Refreshes { model: String, end: RefreshEnd, error: Option<String> },
    WorkspaceMember { workspace: String, member: bool },
    PowerbiDeniedStatus(u16),
    PowerbiProfileRequired(bool),
    PowerbiQuota(Option<u32>),
    FabricQuota(Option<u32>),
    ClientSecret(SecretState),
    UserDeleted { user: String, deleted: bool },
    UserGuest { user: String, guest: bool },
    GroupMember { group: String, user: String, member: bool },
    GroupDisabled { group: String, disabled: bool },
    Scope { scope: String, granted: bool },
    OrgInstall(bool),
}

impl Setting {
    /// Makes the change; says why when it cannot be made.
    pub(crate) fn apply(self, world: &World) -> Result<(), String> {
        match self {
            Setting::SourcePassword { place, password } => world.set_source_password(&place, password.as_deref()),
            Setting::GatewayOnline { gateway, online } => world.set_gateway_online(&gateway, online),
            Setting::GatewayAdmin { gateway, administered } => world.set_gateway_admin(&gateway, administered),
            Setting::MemberKey { gateway, member, pem } => {
                return world.set_member_key(&gateway, &member, &pem).map_err(|error| error.to_string());
            }
            Setting::MemberEnabled { gateway, member, enabled } => world.set_member_enabled(&gateway, &member, enabled),
            Setting::MissingMembersAllowed(allowed) => world.allow_missing_members(allowed),
            Setting::ConnectionRights { connection, rights } => world.set_connection_rights(&connection, rights),
            Setting::LongRunning { id, polls } => world.set_long_running(&id, polls),
            Setting::ModelOwned { model, owned } => world.set_model_owned(&model, owned),
            Setting::ModelBound { model, bound } => world.set_model_bound(&model, bound),
            Setting::SharedCapacity { model, shared } => world.set_shared_capacity(&model, shared),
            Setting::Refreshes { model, end, error } => world.script_refreshes(&model, end, error.as_deref()),
            Setting::WorkspaceMember { workspace, member } => world.set_workspace_member(&workspace, member),
            Setting::PowerbiDeniedStatus(status) => world.set_powerbi_denied_status(status),
            Setting::PowerbiProfileRequired(required) => world.require_powerbi_profile(required),
            Setting::PowerbiQuota(calls) => world.set_powerbi_quota(calls),
            Setting::FabricQuota(calls) => world.set_fabric_quota(calls),
            Setting::ClientSecret(state) => world.set_client_secret(state),
            Setting::UserDeleted { user, deleted } => world.set_user_deleted(&user, deleted),
            Setting::UserGuest { user, guest } => world.set_user_guest(&user, guest),
            Setting::GroupDisabled { group, disabled } => world.set_group_disabled(&group, disabled),
            Setting::GroupMember { group, user, member } => world.set_group_member(&group, &user, member),
            Setting::Scope { scope, granted } => world.set_scope(&scope, granted),
            Setting::OrgInstall(org_install) => world.set_org_install(org_install),
        }
        Ok(())
    }
}
