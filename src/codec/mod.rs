//! Bytes to domain values and back: pure, no async, size caps first.

pub mod catalog;
