//! The system calls that no crate offers safely. The only unsafe code of the crate.
#![expect(unsafe_code, reason = "system calls without a safe wrapper")]

use rustix::io;
use rustix::thread::{UnshareFlags, unshare_unsafe};
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// Gives the calling thread a root and working directory of its own, which `setns` into a mount namespace asks for.
pub(crate) fn unshare_file_system() -> io::Result<()> {
    // JUSTIFICATION: rustix marks every unshare unsafe, because one of its flags is.
    // SAFETY: the flag is FS; descriptors, which the contract is about, stay shared.
    unsafe { unshare_unsafe(UnshareFlags::FS) }
}

/// Gives the calling thread a copy of its mount namespace.
pub(crate) fn unshare_mounts() -> io::Result<()> {
    // JUSTIFICATION: as above.
    // SAFETY: the flag is NEWNS; descriptors, which the contract is about, stay shared.
    unsafe { unshare_unsafe(UnshareFlags::NEWNS) }
}

/// The id of the cgroup in the unified hierarchy that the task of a pidfd is in now: the inode of its directory.
///
/// Nothing when the kernel cannot tell (before 6.13) or the task has ended.
pub(crate) fn unified_cgroup(pidfd: BorrowedFd<'_>) -> Option<u64> {
    let mut info = PidfdInfo {
        mask: PIDFD_INFO_CGROUPID,
        cgroup: 0,
        _rest: [0; 12],
    };
    // JUSTIFICATION: rustix does not have this ioctl.
    // SAFETY: the request number carries the size of `PidfdInfo` (checked below), so the kernel writes within `info`,
    // which lives and is borrowed mutably for the call.
    let done = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO, &raw mut info) };
    (done == 0 && info.mask & PIDFD_INFO_CGROUPID != 0).then_some(info.cgroup)
}

/// The first version of the kernel's `struct pidfd_info`.
#[repr(C)]
struct PidfdInfo {
    mask: u64,
    cgroup: u64,
    _rest: [u32; 12],
}

const _: () = assert!(size_of::<PidfdInfo>() == 64);

const PIDFD_INFO_CGROUPID: u64 = 1 << 2;

/// `_IOWR(0xFF, 11, struct pidfd_info)`.
const PIDFD_GET_INFO: libc::c_ulong = (3 << 30) | (64 << 16) | (0xFF << 8) | 11;
