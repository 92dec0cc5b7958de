//! Teams' side of the codec: what is believed, and what is read.

#![cfg(test)]

mod activities;
mod keys;
mod round_trip;
#[path = "../stories/rs256.rs"]
mod rs256;
mod scene;
mod tokens;
