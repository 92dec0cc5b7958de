//! The shape of trouble.

use serde_json::Value;

use super::shape::{Record, Unreadable, choice, field, object};
use crate::domain::trouble::{Cause, Service, Trouble};

// By hand: a trouble is made with what is always known, and the rest is set.
impl Record for Trouble {
    fn to_value(&self) -> Value {
        object(&[
            ("service", &self.service),
            ("cause", &self.cause),
            ("code", &self.code),
            ("status", &self.status),
            ("request_id", &self.request_id),
            ("retry_after_ms", &self.retry_after),
            ("note", &self.note),
        ])
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        let mut trouble = Self::of(field(value, "service")?, field(value, "cause")?);
        trouble.code = field(value, "code")?;
        trouble.status = field(value, "status")?;
        trouble.request_id = field(value, "request_id")?;
        trouble.retry_after = field(value, "retry_after_ms")?;
        trouble.note = field(value, "note")?;
        Ok(trouble)
    }
}

choice!(Service {
    Entra,
    PowerBi,
    Fabric,
    Slack,
    Teams,
    Graph,
    KeyVault,
    Aws,
    Google,
    Vault,
    Doppler,
    Infisical,
    Push,
    Manager,
    Storage,
});
choice!(Cause {
    Unreachable,
    Throttled,
    Unavailable,
    Unintelligible,
    Identity,
    Token,
    NotAllowed,
    NotFound,
    Rejected,
    CredentialRefused,
    GatewayOffline,
    SourceOffline,
    EncryptionRefused,
    KindRefused,
    KeyUnusable,
    Mismatch,
    EntryLost,
    KeyVaultReference,
    NotRefreshed,
    WindowClosed,
    SecretUnfit,
    LeftOut,
    SealedForOthers,
});
