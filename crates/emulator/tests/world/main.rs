//! The pretend world refuses what the real services refuse, and does what they do with the rest.

#![cfg(test)]

mod aws;
mod blocks;
mod bot;
mod cards;
mod direct;
mod doppler;
mod entra;
mod events;
mod fabric;
mod faults;
mod fleet;
mod google;
mod graph;
mod hands;
mod infisical;
mod key_vault;
mod managers_control;
mod models;
mod powerbi;
mod quota;
mod refreshes;
mod senders;
mod senders_tokens;
mod sigv4;
mod slack;
mod sns;
mod socket;
mod teams;
mod teams_hands;
mod vault;
mod views;
