//! A cluster of one on a real disk: proposals, restarts, crashes, full disks, snapshots.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "helpers of tests fail as tests do"
)]

mod full_disk;
mod kill;
mod load;
mod member;
mod proposals;
mod snapshots;
