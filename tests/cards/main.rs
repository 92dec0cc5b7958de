//! Cards and dialogs in Teams: they fit, carry ids alone, mark nothing that somebody wrote, and draw without a complaint.

#![cfg(test)]

mod dialogs;
mod elements;
mod limits;
mod manifest;
mod marks;
mod rendered;
#[path = "../slack/samples.rs"]
mod samples;
