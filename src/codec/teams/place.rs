//! Where in Teams something is shown.

/// A conversation, and the service address at which it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The service address, as an activity named it. A token is sent there only if the configuration names its host.
    pub service_url: String,
    /// The conversation's id; in a channel with the thread after it.
    pub conversation: String,
}
