//! What a rotation is: values and rules only. No HTTP, no JSON, no async, no clock, no randomness.

pub mod audit;
pub mod catalog;
pub mod credential;
pub mod listing;
pub mod names;
pub mod oddities;
pub mod policy;
pub mod receipt;
pub mod refusal;
pub mod retry;
pub mod roles;
pub mod rotation;
pub mod settable;
pub mod source;
pub mod target;
pub mod time;
pub mod trouble;
pub mod window;
