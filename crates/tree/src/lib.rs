//! The mounted file tree as data: lookup, attributes, directories, which content an inode shows.
//!
//! One [`Tree`] is what one task sees, so a task's view can name nothing that its service does not refer to. Below the
//! root lie `secrets`, the directory that becomes `/run/secrets`, and `files`, which holds by number each file that
//! belongs at a path of its own; [`Tree::mountpoints`] says what goes where.
//!
//! The tree names contents by object and version and never holds their bytes. An inode is one reference, not one
//! content: two references to one version are two files with owners of their own. Inode numbers count up and are
//! never used again, so that a version switch can add inodes beside those that open files still hold.
//!
//! Pure: no FUSE types, no clock, no I/O; the reference model in `tree/tests.rs` holds every operation to a plain list.

mod file;
mod tree;

pub use file::{ContentId, File};
pub use tree::{
    Access, Attributes, BuildError, Entry, Ino, Mountpoint, Mountpoints, Node, Tree, TreeError,
};
