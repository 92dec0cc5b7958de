//! What secret managers send: what is believed of it, and what is read.

#![cfg(test)]

#[path = "../stories/cryptography.rs"]
mod cryptography;
mod doppler;
mod event_bridge;
mod infisical;
mod openbao;
mod pem;
mod post;
mod sealed;
mod senders;
mod standard;
mod standard_events;
