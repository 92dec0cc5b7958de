//! Secret managers that prove themselves by a token or a certificate: what is believed, and what is read of it.

#![cfg(test)]

mod certificates;
#[path = "../stories/cryptography.rs"]
mod cryptography;
mod deliveries;
mod handshakes;
mod scene;
mod sns;
mod tokens;
