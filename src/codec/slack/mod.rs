//! Slack's requests, forms and messages.

pub mod blocks;
pub mod command;
pub mod draw;
pub mod envelope;
pub mod event;
pub mod interaction;
pub mod message;
pub mod signature;
