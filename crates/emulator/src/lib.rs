//! A pretend world for tests and demonstrations: Slack, Teams, Entra, Power BI, Fabric, secret managers, and gateways that hold private keys.
//!
//! Everything here is written from the platforms' documents and knows nothing of the bot. [`World::serve`] answers one request;
//! the `emulator` binary puts the same world behind a socket. What the real services refuse is refused here.

mod answer;
mod contoso;
mod control;
mod credential;
mod entra;
mod estate;
pub mod fabric;
mod faults;
mod fields;
mod fleet;
mod graph;
mod journal;
mod jws;
mod managers;
pub mod opener;
pub mod powerbi;
mod quota;
pub mod scene;
pub mod senders;
mod server;
pub mod slack;
pub mod teams;
mod world;

pub use entra::SecretState;
pub use estate::{ConnectionTest, Opened};
pub use faults::{Fault, FaultKind, Lost};
pub use fleet::Destination;
pub use journal::Received;
pub use jws::TokenKey;
pub use managers::{ConfirmedSubscription, Manager, NewVersion, SecretRead};
pub use powerbi::RefreshEnd;
pub use quota::FABRIC_CALLS_A_MINUTE;
pub use server::{Server, listen};
pub use world::{Clock, World};
