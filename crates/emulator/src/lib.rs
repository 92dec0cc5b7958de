//! A pretend world.
