//! strongroom-agent: holds a node's assignments, mounts them into containers, and is the OCI hook.
//!
//! One program, three uses:
//! - without a subcommand it is the node's agent: `session` keeps the assignments of this node up to date from a
//!   manager, `server` answers hooks on a Unix socket, `tasks` attaches containers and sees to it that each ends;
//! - `hook` is what an OCI runtime calls for each container: it reads what the runtime says and asks the agent;
//! - `status` asks the agent how it is.
//!
//! The agent holds ciphertext and data keys that are encrypted to its session; `contents` decrypts for each READ and
//! the bytes are wiped as soon as the kernel has them. What a container was given it keeps, whatever the managers
//! say or do later, until its first process ends.

mod agent;
mod assignments;
mod backoff;
mod cli;
mod contents;
mod hook;
mod limits;
mod messages;
mod oci;
mod protocol;
mod reports;
mod request;
mod server;
mod session;
mod socket;
mod tasks;

pub use cli::run;
