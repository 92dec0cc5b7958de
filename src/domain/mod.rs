//! What a rotation is: values and rules only. No HTTP, no async, no clock, no randomness.
//!
//! Types derive serde's traits because objects keep them and pass them; what is stored is pinned by
//! fixtures in `tests/fixtures`, so a change of a name here cannot silently lose a live rotation.

pub mod catalog;
pub mod credential;
pub mod listing;
pub mod names;
pub mod policy;
pub mod receipt;
pub mod refusal;
pub mod retry;
pub mod rotation;
pub mod settable;
pub mod target;
pub mod time;
pub mod trouble;
