//! The catalog as TOML.
