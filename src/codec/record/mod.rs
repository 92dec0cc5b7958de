//! What the two kinds of object are asked, what they answer, and the rows they keep, as JSON.
//!
//! Every type's shape is written once, as a table of its fields or choices, and both directions follow from it
//! (`shape.rs`). What is stored outlives a deployment: `tests/fixtures/records` pins it.

mod audit;
mod bindings;
mod primitives;
mod register_orders;
mod rotation;
mod rotation_orders;
mod rows;
mod shape;
mod target;
mod trouble;

pub use bindings::{Bound, Look, Notify, Pushed, Settled, SourceSeen};
pub use register_orders::{RegisterOrder, RegisterReply};
pub use rotation_orders::{Choice, RotationOrder, RotationReply};
pub use rows::{
    CardCopy, Face, Gateway, GatewayMember, GatewayRow, Journal, LeftOut, Notice, Offer, OfferedPlace, Place,
    SealedGateway, SealedMember, SealedRow, Seen,
};
pub use shape::{Record, Unreadable};

use super::json;

/// Writes a value as a row or message.
pub fn write(value: &dyn Record) -> String {
    json::text(&value.to_value())
}

/// Reads a row or message.
///
/// # Errors
/// When it was written by a version that this one does not understand.
pub fn read<T: Record>(text: &str) -> Result<T, Unreadable> {
    T::from_value(&json::read(text.as_bytes()).ok_or(Unreadable)?)
}
