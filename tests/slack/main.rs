//! Slack's side of the codec: what is believed, what is read, and what fits on a screen.

#![cfg(test)]

mod interactions;
mod limits;
mod samples;
mod signatures;
mod words;
