//! Bytes to domain values and back: no I/O, async only to ask `Signatures`, size caps first.

pub mod audit;
pub mod bearer;
pub mod catalog;
pub mod certificate;
pub mod chat;
pub mod content;
pub mod fields;
pub mod form;
pub mod hex;
pub mod json;
pub mod jwks;
pub mod jwt;
pub mod page;
pub mod pem;
pub mod proof;
pub mod record;
pub mod sheet;
pub mod signatures;
pub mod slack;
pub mod teams;
pub mod ticket;
pub mod vault;
pub mod webhook;
pub mod wiped;
pub mod wish;
pub mod words;
