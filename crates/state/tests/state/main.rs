//! The state machine from outside: what each command does, what each question answers, what no sequence can break.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails as a test does"
)]

mod durable;
mod lookups;
mod naive;
mod objects;
mod properties;
mod requests;
mod restore;
mod services;
mod step;
mod tasks;
