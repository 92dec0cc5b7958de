//! Clients: one file for each service, async over `impl Wire`, one attempt a call; retrying is the flow's business.

mod answer;
mod call;
pub mod certificates;
mod codes;
pub mod entra;
mod error_body;
pub mod fabric;
mod gateway_state;
pub mod graph;
pub mod keys;
mod outgoing;
pub mod payload;
pub mod powerbi;
mod public_key;
mod secret_bytes;
mod secret_json;
pub mod secrets;
pub mod slack;
pub mod teams;

pub use answer::HEADERS;
pub use gateway_state::GatewayState;
pub use public_key::PublicKey;
pub use secret_bytes::SecretBytes;
pub use secret_json::SecretJson;
