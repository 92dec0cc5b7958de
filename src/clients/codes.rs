//! The error codes of Power BI, Fabric and Teams, and what each means for a rotation.

use serde_json::Value;

use crate::domain::names::Code;
use crate::domain::trouble::Cause;

/// What a code means, when it means something definite.
///
/// The others that the services are known to send say only that something is wrong, and leave the meaning to the HTTP
/// status: `BadRequest`, `CreateGatewayConnectionFailed`, `DM_GWPipeline_UnknownError`,
/// `DMTS_DatasourceHasNoCredentialError`, `DMTS_DuplicateDataSourceNameError`, `DMTS_MonikerWithUnboundDataSources`,
/// `DuplicateConnectionName`, `DuplicateGatewayName`, `GatewayInvalidPrincipalType`, `InvalidConnectionDetails`,
/// `InvalidCredentialDetails`, `InvalidRequest`, `UnknownError`, `UpdateGatewayConnectionFailed`.
pub(super) fn meaning(code: &str) -> Option<Cause> {
    Some(match code {
        // The gateway service behind both APIs.
        "DMS_CredentialsNotFoundInAzureKeyVaultErrorCode" => Cause::KeyVaultReference,
        "DMTS_GatewayIsDisabled" | "DM_GWPipeline_Client_GatewayUnreachable" => Cause::GatewayOffline,
        "DMTS_InvalidCredentialTypeError" => Cause::KindRefused,
        "DMTS_InvalidEncryptionAlgorithmError" => Cause::EncryptionRefused,
        "DM_GWPipeline_Gateway_DataSourceAccessError" | "DM_GWPipeline_Gateway_InvalidConnectionCredentials" => {
            Cause::CredentialRefused
        }
        "GatewayNotFound" => Cause::NotFound,
        // Power BI REST.
        "PowerBINotAuthorizedException" => Cause::NotAllowed,
        // Seen from both with 401, and from Power BI with 403.
        "TokenExpired" => Cause::Token,
        // Fabric REST, "Common error codes" of Connections and Gateways.
        "EntityNotFound" => Cause::NotFound,
        "IncorrectCredentials" => Cause::CredentialRefused,
        "InsufficientPermissionsToManageConnection" | "InsufficientPermissionsToManageGateway" => Cause::NotAllowed,
        // Fabric REST, Throttling.
        "RequestBlocked" => Cause::Throttled,
        // Teams, "Status code retry guidance" and "Status codes from bot conversational APIs".
        "BotNotRegistered" => Cause::Identity,
        "BotDisabledByAdmin" | "BotNotInConversationRoster" | "ConversationBlockedByUser" => Cause::NotAllowed,
        "ConversationNotFound" => Cause::NotFound,
        "MessageSizeTooBig" => Cause::Rejected,
        _ => return None,
    })
}

/// The code that a text of JSON is, when it is one.
pub(super) fn read(text: &Value) -> Option<Code> {
    Code::parse(text.as_str()?).ok()
}
