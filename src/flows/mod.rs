//! The sentences of the product. Read these first.

pub mod answer;
pub mod apply;
pub mod ask;
pub mod cards;
pub mod catalog;
pub mod enter;
pub mod house;
pub mod identity;
pub mod keys;
pub mod register;
pub mod rotation;
pub mod rows;
pub mod send;
