//! What the product says, once for every platform.

pub mod card;
pub mod form;
pub mod history;
pub mod home;
pub mod message;
pub mod report;
mod supply;
pub mod whoami;
