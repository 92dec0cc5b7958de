//! A pretend world.

pub mod opener;
