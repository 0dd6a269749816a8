//! The container that a hook names: its first process, pinned so that no other can take its number.

use crate::cgroup::{Memberships, OwnCgroups};
use crate::idmap::IdMaps;
use crate::mounter::{Mounter, read_at};
use crate::syscall;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

/// A container between its creation and its first instruction, as a `createRuntime` hook is told of it.
#[derive(Debug)]
pub struct ContainerProcess {
    pub(crate) pid: i32,
    pub(crate) rootfs: PathBuf,
    pub(crate) pidfd: OwnedFd,
    pub(crate) mount_namespace: OwnedFd,
    pub(crate) cgroups: OwnCgroups,
    /// Its cgroup in the unified hierarchy, where that alone tells.
    pub(crate) unified: Option<u64>,
    pub(crate) ids: IdMaps,
}

/// Why a process is no container that could get files.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContainerError {
    /// It has ended, or never was.
    #[error("the container's process {0} is gone: start the container again")]
    Gone(i32),
    /// Files mounted for it would be mounted for the host.
    #[error(
        "process {0} is in the host's mount namespace: only a container with its own gets files"
    )]
    HostNamespace(i32),
    /// Its processes could not be told from others.
    #[error(
        "process {0} is in the host's cgroups, so its opens could not be told from the host's: \
         start the container with a cgroup of its own"
    )]
    HostCgroup(i32),
    /// `/proc` did not answer.
    #[error("/proc/{pid}/{what} cannot be read: {error}")]
    Proc {
        /// The process.
        pid: i32,
        /// The file.
        what: &'static str,
        /// The kernel's answer.
        error: io::Errno,
    },
}

impl ContainerProcess {
    /// The container whose first process has the number `pid` here and whose root file system is being made at
    /// `rootfs`, an absolute path as the container engine sees it.
    ///
    /// # Errors
    /// [`ContainerError`].
    pub fn new(mounter: &Mounter, pid: i32, rootfs: &Path) -> Result<Self, ContainerError> {
        let gone = ContainerError::Gone(pid);
        let number = (pid > 0)
            .then(|| Pid::from_raw(pid))
            .flatten()
            .ok_or(gone)?;
        let pidfd =
            pidfd_open(number, PidfdFlags::empty()).map_err(|_| ContainerError::Gone(pid))?;
        let failed = |what| move |error| ContainerError::Proc { pid, what, error };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = openat(mounter.proc.as_ref(), pid.to_string(), flags, Mode::empty())
            .map_err(failed(""))?;
        let read = |what| {
            let bytes = read_at(&directory, what).map_err(failed(what))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let mount_namespace =
            openat(&directory, "ns/mnt", flags, Mode::empty()).map_err(failed("ns/mnt"))?;
        refuse_host_namespace(mounter, pid, &mount_namespace)?;
        let own = mounter.read("self/cgroup").map_err(failed("cgroup"))?;
        let host = Memberships::parse(&String::from_utf8_lossy(&own));
        let cgroups = OwnCgroups::new(&Memberships::parse(&read("cgroup")?), &host)
            .ok_or(ContainerError::HostCgroup(pid))?;
        let ids = IdMaps::parse(&read("uid_map")?, &read("gid_map")?);
        let unified = cgroups
            .is_unified()
            .then(|| syscall::unified_cgroup(pidfd.as_fd()))
            .flatten();
        // Still alive, so everything above was this process's and not that of one that took its number.
        if has_ended(pidfd.as_fd()) {
            return Err(ContainerError::Gone(pid));
        }
        Ok(Self {
            pid,
            rootfs: rootfs.to_owned(),
            pidfd,
            mount_namespace,
            cgroups,
            unified,
            ids,
        })
    }
}

fn refuse_host_namespace(
    mounter: &Mounter,
    pid: i32,
    namespace: &OwnedFd,
) -> Result<(), ContainerError> {
    let failed = |error| ContainerError::Proc {
        pid,
        what: "ns/mnt",
        error,
    };
    let container = rustix::fs::fstat(namespace).map_err(failed)?.st_ino;
    let host = |process: &str| {
        mounter
            .stat(&format!("{process}/ns/mnt"))
            .map(|stat| stat.st_ino)
    };
    let own = host("self").map_err(failed)?;
    if container == own || host("1") == Ok(container) {
        return Err(ContainerError::HostNamespace(pid));
    }
    Ok(())
}

pub(crate) fn has_ended(pidfd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(pidfd, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut fds, Some(&now)) != Ok(0)
}
