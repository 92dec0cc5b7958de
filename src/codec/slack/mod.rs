//! Slack's requests, forms and messages.

pub mod blocks;
pub mod card;
pub mod command;
pub mod envelope;
pub mod event;
pub mod history;
pub mod home;
pub mod interaction;
pub mod message;
pub mod report;
pub mod signature;
pub mod view;
pub mod whoami;
