//! Microsoft Teams: what its service sends, proven and read, and what is said drawn for it.

pub mod actions;
pub mod activity;
pub mod answer;
pub mod done;
pub mod draw;
pub mod invoke;
mod mention;
pub mod place;
pub mod text;
pub mod token;

/// What people write before a command, by the name that the app's manifest gives the bot.
pub const COMMAND: &str = "@pbi";
