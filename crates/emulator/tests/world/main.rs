//! The pretend world refuses what the real services refuse, and does what they do with the rest.

#![cfg(test)]

mod blocks;
mod bot;
mod cards;
mod direct;
mod entra;
mod events;
mod fabric;
mod faults;
mod fleet;
mod graph;
mod hands;
mod models;
mod powerbi;
mod quota;
mod refreshes;
mod slack;
mod socket;
mod teams;
mod teams_hands;
mod views;
