//! A tree as a detached FUSE mount in one container's mount namespace; the only crate that knows FUSE.
