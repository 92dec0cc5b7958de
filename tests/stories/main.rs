//! Whole-app stories: people, services and gateways of a pretend world around the real program.
//!
//! Each story is a script over a [`bot::Bot`]. It runs twice: in this process, on a clock that the story moves, and in
//! the Workers runtime over HTTP (`cargo xtask test` builds the Worker and runs those, which plain `cargo test` leaves
//! out). At the end of each, everything that was logged, shown or kept is searched for every secret the story used.

#![cfg(test)]

mod bot;
mod chat;
mod cryptography;
mod in_process;
mod in_workerd;
mod many;
mod natively;
mod object;
mod people;
mod scene;

mod approvals;
mod audit;
mod break_glass;
mod browser;
mod burst;
mod callers;
mod cards;
mod catalog;
mod clouds;
mod deciding;
mod doctor;
mod entering;
mod events;
mod failures;
mod fleets;
mod forms;
mod gateways;
mod home;
mod identity;
mod limits;
mod listing;
mod main_job;
mod managers;
mod models;
mod offers;
mod page;
mod partly;
mod places;
mod quota;
mod refreshing;
mod rejecting;
mod restarts;
mod retries;
mod secrets;
mod signatures;
mod stopping;
mod talking;
mod teams;
mod tickets;
mod tokens;
mod unclear;
mod verifying;
mod whoami;
mod windows;

/// Makes two tests of each story: `in_process::…` and `in_workerd::…`. After `here only`, with the reason, come those
/// that need a clock they can move by more than a person would wait.
macro_rules! stories {
    ($($story:ident),* $(,)? $(; here only because $reason:literal: $($local:ident),* $(,)?)?) => {
        mod in_process {
            $(#[test] fn $story() { $crate::bot::in_process(super::$story); })*
            $($(#[test] fn $local() { $crate::bot::in_process(super::$local); })*)?
        }
        mod in_workerd {
            $(#[test] #[ignore = "needs the built Worker: cargo xtask test"] fn $story() {
                $crate::bot::in_workerd(super::$story);
            })*
        }
    };
}
pub(crate) use stories;
