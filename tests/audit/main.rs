//! The audit: what is told is written once and chained, and whatever is changed behind the program's back is noticed.

#![cfg(test)]

mod export;
mod installation;
mod refusals;
mod tampering;
mod telling;
mod tidying;
