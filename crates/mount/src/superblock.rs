//! One FUSE superblock, mounted nowhere yet.

use crate::mounter::open_fuse;
use crate::mountinfo::Device;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, StatxFlags, statx};
use rustix::io;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen,
};
use std::os::fd::AsRawFd as _;

/// A file system that waits for its server.
#[derive(Debug)]
pub(crate) struct Superblock {
    /// The connection to the kernel; requests come from here.
    pub(crate) connection: OwnedFd,
    /// The mount, detached.
    pub(crate) mount: OwnedFd,
}

impl Superblock {
    /// Makes the file system: read-only, seen by all users, checked by mode, without programs, devices or set-uid.
    pub(crate) fn new() -> io::Result<Self> {
        let connection = open_fuse()?;
        let fs = fsopen("fuse", FsOpenFlags::FSOPEN_CLOEXEC)?;
        let number = connection.as_raw_fd().to_string();
        for (key, value) in [
            ("source", "strongroom"),
            ("subtype", "strongroom"),
            ("fd", number.as_str()),
            ("rootmode", "40000"),
            ("user_id", "0"),
            ("group_id", "0"),
        ] {
            fsconfig_set_string(&fs, key, value)?;
        }
        for flag in ["ro", "default_permissions", "allow_other"] {
            fsconfig_set_flag(&fs, flag)?;
        }
        fsconfig_create(&fs)?;
        let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV
            | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        let mount = fsmount(&fs, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
        Ok(Self { connection, mount })
    }
}

/// The device of the file system that a descriptor lies on, without asking its server.
pub(crate) fn device(fd: &OwnedFd) -> io::Result<Device> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    let status = statx(fd, "", flags, StatxFlags::empty())?;
    Ok(Device {
        major: status.stx_dev_major,
        minor: status.stx_dev_minor,
    })
}
