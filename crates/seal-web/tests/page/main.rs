//! The sealing page in a real browser, played against a server that follows the same contract as the Worker.

#![cfg(test)]

mod entering;
mod looks;
mod lost;
mod refusals;
mod server;
mod stage;
