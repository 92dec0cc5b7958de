//! pbi-rotate: a Worker that rotates the credentials of Power BI data sources and Fabric connections.

pub mod clients;
pub mod codec;
pub mod config;
pub mod domain;
pub mod doors;
pub mod flows;
pub mod ports;
pub mod trail;

#[cfg(target_arch = "wasm32")]
mod shell;
