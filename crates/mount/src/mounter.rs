//! What all attachments on a node share, opened and checked once when the agent starts.

use crate::anchor::Anchor;
use crate::mountinfo::{self, Mount};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat, openat, readlinkat, statat};
use rustix::io;
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;

/// Attaches trees to containers.
#[derive(Debug)]
pub struct Mounter {
    pub(crate) anchor: Anchor,
    /// fusectl, mounted nowhere: the one way to end a session that always works.
    pub(crate) control: OwnedFd,
    pub(crate) proc: Arc<OwnedFd>,
}

/// Why this machine, or this process on it, cannot mount.
#[derive(Debug, thiserror::Error)]
pub enum MounterError {
    /// No FUSE, or no right to it.
    #[error(
        "/dev/fuse cannot be opened: {0}; run as root, and load the kernel's module with 'modprobe fuse'"
    )]
    Fuse(#[source] io::Errno),
    /// The kernel lets every administrator of the machine into every FUSE mount.
    #[error(
        "fuse.allow_sys_admin_access is Y, which lets the host's root into containers' files: \
         set /sys/module/fuse/parameters/allow_sys_admin_access to N"
    )]
    AdminAccess,
    /// `/proc` is missing or belongs to another pid namespace, so that callers could not be told.
    #[error(
        "/proc does not show this process: mount the proc file system of the agent's own pid namespace"
    )]
    Proc,
    /// The anchor namespace or fusectl.
    #[error(
        "no private mount namespace can be made: {0}; run as root with CAP_SYS_ADMIN, on Linux 5.8 or newer"
    )]
    Anchor(#[source] io::Errno),
}

impl Mounter {
    /// Opens and checks what attaching needs.
    ///
    /// # Errors
    /// [`MounterError`].
    pub fn new() -> Result<Self, MounterError> {
        drop(open_fuse().map_err(MounterError::Fuse)?);
        // The file is missing where the kernel does not have the parameter; then nobody is let in.
        let admin_access = std::fs::read_to_string(ALLOW_SYS_ADMIN_ACCESS).unwrap_or_default();
        if admin_access.trim() == "Y" {
            return Err(MounterError::AdminAccess);
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let proc = openat(CWD, "/proc", flags, Mode::empty()).map_err(|_| MounterError::Proc)?;
        let own = readlinkat(&proc, "self", Vec::new()).map_err(|_| MounterError::Proc)?;
        if own.to_bytes() != std::process::id().to_string().as_bytes() {
            return Err(MounterError::Proc);
        }
        Ok(Self {
            anchor: Anchor::new(&proc).map_err(MounterError::Anchor)?,
            control: fuse_control().map_err(MounterError::Anchor)?,
            proc: Arc::new(proc),
        })
    }

    /// The mounts that the host sees: this process, and the machine's first one where it sees others.
    pub(crate) fn host_mounts(&self) -> io::Result<Vec<Mount>> {
        let mut seen = BTreeSet::new();
        let mut mounts = Vec::new();
        for process in ["self", "1"] {
            // Where /proc hides other processes the agent's own view is all there is.
            let Ok(namespace) = self.stat(&format!("{process}/ns/mnt")) else {
                continue;
            };
            if seen.insert(namespace.st_ino) {
                mounts.extend(mountinfo::parse(
                    &self.read(&format!("{process}/mountinfo"))?,
                ));
            }
        }
        Ok(mounts)
    }

    pub(crate) fn stat(&self, path: &str) -> io::Result<Stat> {
        statat(self.proc.as_ref(), path, AtFlags::empty())
    }

    /// A file below `/proc`, whatever mount namespace the calling thread is in.
    pub(crate) fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        read_at(self.proc.as_ref(), path)
    }
}

/// All bytes of a file of the kernel's, which bounds them.
pub(crate) fn read_at(directory: &OwnedFd, path: &str) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = openat(directory, path, flags, Mode::empty())?;
    let mut bytes = Vec::new();
    std::fs::File::from(file)
        .read_to_end(&mut bytes)
        .map_err(|error| io::Errno::from_io_error(&error).unwrap_or(io::Errno::IO))?;
    Ok(bytes)
}

/// A new connection to the kernel, not yet a file system's.
pub(crate) fn open_fuse() -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    openat(CWD, "/dev/fuse", flags, Mode::empty())
}

fn fuse_control() -> io::Result<OwnedFd> {
    let fs = fsopen("fusectl", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&fs)?;
    fsmount(&fs, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())
}

const ALLOW_SYS_ADMIN_ACCESS: &str = "/sys/module/fuse/parameters/allow_sys_admin_access";
