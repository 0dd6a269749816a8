//! The agent's private mount namespace: one empty tmpfs, in which a new file system is attached for a moment.
//!
//! Before Linux 6.15 only an attached mount can be cloned. The namespace has none of the host's mounts, so it pins no
//! disk, and nothing outside of this process can see into it.

use crate::syscall;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use rustix::io;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags, fsconfig_create, fsmount, fsopen, mount_change, move_mount,
    open_tree, unmount,
};
use rustix::process::{chdir, pivot_root};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// The namespace, alive as long as its descriptor.
#[derive(Debug)]
pub(crate) struct Anchor {
    namespace: OwnedFd,
    next: AtomicU64,
}

impl Anchor {
    /// Makes the namespace on a thread that ends with it, since a thread that has left its namespace cannot go back.
    pub(crate) fn new(proc: &OwnedFd) -> io::Result<Self> {
        let made = thread::scope(|scope| scope.spawn(|| make(proc.as_fd())).join());
        let namespace = made.unwrap_or(Err(io::Errno::IO))?;
        Ok(Self {
            namespace,
            next: AtomicU64::new(0),
        })
    }

    /// Clones each of `paths`, relative to the root of `mount`. Moves the calling thread into the namespace for good.
    pub(crate) fn clone_parts<'a>(
        &self,
        mount: BorrowedFd<'_>,
        paths: impl Iterator<Item = &'a str>,
    ) -> io::Result<Vec<OwnedFd>> {
        move_into_link_name_space(self.namespace.as_fd(), Some(LinkNameSpaceType::Mount))?;
        // Each call has a place of its own, so that no container waits for another's session.
        let place = format!("/{}", self.next.fetch_add(1, Ordering::Relaxed));
        mkdirat(CWD, &place, Mode::RWXU)?;
        move_mount(
            mount,
            "",
            CWD,
            &place,
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
        )?;
        let clones = paths
            .map(|path| {
                let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
                open_tree(CWD, format!("{place}/{path}"), flags)
            })
            .collect();
        unmount(&place, UnmountFlags::DETACH)?;
        rustix::fs::rmdir(&place)?;
        clones
    }
}

fn make(proc: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    syscall::unshare_mounts()?;
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private)?;
    let fs = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&fs)?;
    let safe = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let empty = fsmount(&fs, FsMountFlags::FSMOUNT_CLOEXEC, safe)?;
    // Any directory serves: the old root, with all below it, is unmounted right away.
    let place = "/proc";
    move_mount(
        &empty,
        "",
        CWD,
        place,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )?;
    chdir(place)?;
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    openat(proc, "thread-self/ns/mnt", flags, Mode::empty())
}
