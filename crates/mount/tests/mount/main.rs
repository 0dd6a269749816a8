//! Mounts in real containers: what they read, what nobody else reads, what is refused, and that nothing is left.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail as tests do"
)]

mod bundle;
mod confinement;
mod contents;
mod life;
mod machine;
mod refusal;
mod service;
