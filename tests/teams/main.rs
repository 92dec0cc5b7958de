//! Teams' side of the codec: what is believed, and what is read.

#![cfg(test)]

mod activities;
#[path = "../stories/cryptography.rs"]
mod cryptography;
mod keys;
mod round_trip;
mod scene;
mod tokens;
