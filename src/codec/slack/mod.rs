//! Slack's requests, forms and messages.

pub mod blocks;
pub mod card;
pub mod command;
pub mod envelope;
pub mod interaction;
pub mod signature;
pub mod view;
