//! Whether a gateway can be reached, as Power BI and Fabric tell it.

use crate::domain::trouble::Trouble;

/// What a service knows of a gateway's connectivity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayState {
    /// It can be used.
    Online,
    /// It cannot, for what the service says of it: the cause is always `GatewayOffline`.
    Offline(Trouble),
    /// The service does not say yet, or not at all, or in a word that is not known: no reason to stop.
    Unknown,
}
