//! The agent as a program: hooks, real containers, and managers that come and go, played by the test.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests fail as tests do"
)]

mod container;
mod hooks;
mod manager;
mod managers;
mod program;
mod socket;
