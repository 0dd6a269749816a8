//! A whole manager, from the settings to the store on disk, asked over its socket.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says loudly what it cannot test"
)]

mod dispatch;
mod logs;
mod manager;
mod objects;
mod process;
mod seal;
mod services;
mod socket;
