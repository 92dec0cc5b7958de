//! The service clients against scripted answers: what they send, and what they make of what comes back.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod described;
mod entra;
mod fabric;
mod fabric_bodies;
mod gateways;
mod graph;
mod held;
mod keys;
mod models;
mod operations;
mod powerbi;
mod powerbi_bodies;
mod refusals;
mod scene;
mod secret_bytes;
mod slack;
mod slack_refusals;
mod teams;
mod wire;
