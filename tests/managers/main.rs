//! The clients of secret managers against scripted answers: what they send, and what they make of what comes back.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod aws;
mod aws_signature;
#[path = "../stories/cryptography.rs"]
mod cryptography;
mod doppler;
mod google;
mod infisical;
mod key_vault;
mod names;
mod refusals;
mod scene;
mod vault;
mod vault_login;
#[path = "../clients/wire.rs"]
mod wire;
