//! The platform: Workers and Durable Objects. Short and dull; everything that decides anything is elsewhere.

mod entry;
mod outside;
mod platform;
mod register_object;
mod rotation_object;
mod shelf;
mod wire;
