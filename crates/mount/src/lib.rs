//! A tree as a detached FUSE mount in one container's mount namespace; the only crate that knows FUSE.
//!
//! [`Mounter::attach`] makes a file system that the host never mounts: the superblock is attached for a moment in the
//! agent's private anchor namespace, its parts are cloned from there, and the clones are moved into the container
//! before its first process runs. Every container has a superblock and a session of its own, so that whoever stalls or
//! aborts one touches nobody else (`docs/adr/0002-one-superblock-per-container.md`).
//!
//! Three rules that the modules below keep:
//! - nothing in an image decides where on the host something is made: `rootfs` resolves every path below the
//!   container's root, by descriptors (`openat2`), and verifies after mounting;
//! - bytes are for the container alone: `caller` answers every OPEN and OPENDIR, and READ is only for what was opened;
//! - failure is closed: what was mounted is undone, and the error is one line for whoever starts the container.

mod anchor;
mod attach;
mod caller;
mod cgroup;
mod container;
mod content;
mod filesystem;
mod idmap;
mod mounter;
mod mountinfo;
mod rootfs;
mod session;
mod superblock;
mod syscall;

pub use attach::AttachError;
pub use container::{ContainerError, ContainerProcess};
pub use content::{ContentError, ContentSource};
pub use mounter::{Mounter, MounterError};
pub use rootfs::TargetError;
pub use session::Attached;
