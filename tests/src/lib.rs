//! The harness of the end-to-end tests: the three real programs, real containers, and what a test may assume of a machine.
//!
//! Every test has a folder of its own on a real disk (never tmpfs, which hides what fsync is for), sockets in it, and
//! no port. What a test starts is stopped by the `Drop` of the value that started it.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a harness that cannot set the stage fails the test, and says loudly what it skips"
)]

mod agent;
mod canary;
mod cli;
mod container;
mod folder;
mod machine;
mod manager;
mod process;
mod programs;
mod vault;
mod wait;

pub use agent::Agent;
pub use canary::Canary;
pub use cli::{Cli, Outcome};
pub use container::{Container, ContainerOptions};
pub use folder::Folder;
pub use machine::{Need, can};
pub use manager::{Manager, ManagerOptions, Seal};
pub use process::Process;
pub use programs::program;
pub use vault::Vault;
pub use wait::until;
