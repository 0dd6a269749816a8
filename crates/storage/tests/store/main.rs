//! The store on a real disk: what survives, and what is refused.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

mod damage;
mod log;
mod member;
mod open;
mod state;
