//! Places in a container's root file system: found, made where missing, and judged before anything is mounted there.
//!
//! Runs in the container's mount namespace before the container has its own root, so a symbolic link in the image
//! would lead to the host. Every path is resolved by the kernel below the root's descriptor (`RESOLVE_IN_ROOT`,
//! no magic links), and what is made is made by name in a directory that was found so.

use crate::mounter::read_at;
use crate::mountinfo::{self, Device, Mount};
use rustix::fd::OwnedFd;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, StatxFlags, fchmod, fchown, fstat, mkdirat,
    openat, openat2, readlinkat, statx, unlinkat,
};
use rustix::io::{self, Errno};
use rustix::process::{Gid, Uid};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// A container's root file system, and what was made in it.
pub(crate) struct Rootfs<'a> {
    proc: &'a OwnedFd,
    root: OwnedFd,
    place: PathBuf,
    mount: u64,
    mounts: Vec<Mount>,
    /// File systems that the host has mounted: nothing is made in them but below the container's own root mount.
    host: BTreeSet<Device>,
    owner: (u32, u32),
    made: Vec<Made>,
}

/// Somewhere to mount: a directory or an empty file.
#[derive(Debug)]
pub(crate) struct Place {
    /// What is there now.
    pub(crate) fd: OwnedFd,
    /// Where it is, for the container.
    pub(crate) path: String,
    /// Where it is, for the namespace.
    resolved: PathBuf,
}

/// What a place has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Directory,
    File,
}

struct Made {
    parent: OwnedFd,
    name: String,
    wanted: Wanted,
}

/// Why nothing can be mounted at a path of the container.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The root file system itself.
    #[error("the container's root file system {0:?} cannot be opened: {1}")]
    Rootfs(PathBuf, Errno),
    /// The root file system is the host's.
    #[error(
        "the container's root file system is the host's own root: give the container one of its own"
    )]
    HostRoot,
    /// The kernel refused a step.
    #[error("{path} cannot be {step} in the container: {error}")]
    Step {
        /// The path in the container.
        path: String,
        /// Made, opened, or looked at.
        step: &'static str,
        /// The kernel's answer.
        error: Errno,
    },
    /// A symbolic link that leads nowhere.
    #[error(
        "{0} is a symbolic link to nothing in the container: remove the link, or choose another target"
    )]
    Dangling(String),
    /// A directory where a file is needed, or the other way round.
    #[error(
        "{path} is no {wanted} in the container: remove it from the image, or choose another target"
    )]
    Type {
        /// The path in the container.
        path: String,
        /// Directory or regular file.
        wanted: &'static str,
    },
    /// Mounts there would appear on the host too.
    #[error(
        "the mount {mount:?}, which holds {path}, is shared with the host: make it private or slave"
    )]
    Shared {
        /// The path in the container.
        path: String,
        /// The mount.
        mount: PathBuf,
    },
    /// Something is mounted there, and would be hidden.
    #[error(
        "{mount:?} is mounted already, at or below {path}: remove that mount, or choose another target"
    )]
    Occupied {
        /// The path in the container.
        path: String,
        /// The mount.
        mount: PathBuf,
    },
    /// It would have to be made in a file system of the host.
    #[error(
        "{path} is missing in the volume {mount:?}, which is the host's: make it there, or choose another target"
    )]
    Volume {
        /// The path in the container.
        path: String,
        /// The mount.
        mount: PathBuf,
    },
    /// Symbolic links make two targets one.
    #[error(
        "{0} and {1} lead to one place in the container: choose another target for one of them"
    )]
    Overlap(String, String),
    /// After mounting something else is there.
    #[error(
        "{0} shows something else after mounting: another process changes the container's file system"
    )]
    Changed(String),
}

impl<'a> Rootfs<'a> {
    /// The root file system at `place`, as the calling thread's mount namespace has it. `owner` is the container's
    /// root user and group.
    pub(crate) fn open(
        proc: &'a OwnedFd,
        place: &Path,
        host: &[Mount],
        owner: (u32, u32),
    ) -> Result<Self, TargetError> {
        let failed = |error| TargetError::Rootfs(place.to_owned(), error);
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::NO_MAGICLINKS;
        let root = openat2(CWD, place, flags, Mode::empty(), resolve).map_err(failed)?;
        let bytes = read_at(proc, "thread-self/mountinfo").map_err(failed)?;
        let (own, outer) = (fstat(&root).map_err(failed)?, fstat_root().map_err(failed)?);
        if (own.st_dev, own.st_ino) == (outer.st_dev, outer.st_ino) {
            return Err(TargetError::HostRoot);
        }
        Ok(Self {
            place: path_of(proc, &root).map_err(failed)?,
            mount: mount_of(&root).map_err(failed)?,
            mounts: mountinfo::parse(&bytes),
            host: host.iter().map(|mount| mount.device).collect(),
            proc,
            root,
            owner,
            made: Vec::new(),
        })
    }

    /// The place at the path with those parts, made where it is missing, and fit to mount on.
    pub(crate) fn prepare<S: AsRef<str>>(
        &mut self,
        parts: &[S],
        wanted: Wanted,
    ) -> Result<Place, TargetError> {
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        let path = absolute(&parts);
        let fd = self.find_or_make(&parts, wanted)?;
        let failed = |error| step(&path, "looked at", error);
        let file = FileType::from_raw_mode(fstat(&fd).map_err(failed)?.st_mode);
        if file != wanted.file_type() {
            let wanted = wanted.noun();
            return Err(TargetError::Type { path, wanted });
        }
        let resolved = path_of(self.proc, &fd).map_err(failed)?;
        if !resolved.starts_with(&self.place) || resolved == self.place {
            return Err(TargetError::Changed(path));
        }
        if let Some(mount) = mountinfo::within(&self.mounts, &resolved).next() {
            let mount = self.shown(mount);
            return Err(TargetError::Occupied { path, mount });
        }
        let holder = self.mount_with(mount_of(&fd).map_err(failed)?);
        match holder {
            Some(mount) if !mount.shared => {}
            // A mount that the table does not have came after we read it; nobody but a racer makes one.
            holder => {
                let mount = holder.map_or_else(|| resolved.clone(), |mount| self.shown(mount));
                return Err(TargetError::Shared { path, mount });
            }
        }
        Ok(Place { fd, path, resolved })
    }

    /// Refuses places of which one is at or below another.
    pub(crate) fn refuse_overlaps(places: &[Place]) -> Result<(), TargetError> {
        for (index, one) in places.iter().enumerate() {
            for two in &places[index + 1..] {
                let (first, second) = (&one.resolved, &two.resolved);
                if first.starts_with(second) || second.starts_with(first) {
                    return Err(TargetError::Overlap(one.path.clone(), two.path.clone()));
                }
            }
        }
        Ok(())
    }

    /// Checks that whoever follows the path now gets to `mounted`.
    pub(crate) fn verify(&self, place: &Place, mounted: &OwnedFd) -> Result<(), TargetError> {
        let found = self.open_in_root(&place.path, OFlags::PATH);
        let found = found.and_then(|fd| identity(&fd));
        if found.is_err() || found != identity(mounted) {
            return Err(TargetError::Changed(place.path.clone()));
        }
        Ok(())
    }

    /// Removes what was made, newest first.
    pub(crate) fn undo(self) {
        for made in self.made.into_iter().rev() {
            let flags = match made.wanted {
                Wanted::Directory => AtFlags::REMOVEDIR,
                Wanted::File => AtFlags::empty(),
            };
            if let Err(error) = unlinkat(&made.parent, &made.name, flags) {
                tracing::warn!(name = made.name, %error, "an empty mount point stays in an image");
            }
        }
    }

    fn find_or_make(&mut self, parts: &[&str], wanted: Wanted) -> Result<OwnedFd, TargetError> {
        let path = absolute(parts);
        match self.open_in_root(&path, OFlags::PATH) {
            Err(Errno::NOENT) => {}
            found => return found.map_err(|error| step(&path, "opened", error)),
        }
        let Some((name, above)) = parts.split_last() else {
            return Err(step(&path, "opened", Errno::NOENT));
        };
        let parent = self.find_or_make(above, Wanted::Directory)?;
        self.refuse_volume(&path, &parent)?;
        self.make(&parent, name, wanted)
            .map_err(|error| match error {
                Errno::EXIST => TargetError::Dangling(path.clone()),
                Errno::NOTDIR => TargetError::Type {
                    path: absolute(above),
                    wanted: Wanted::Directory.noun(),
                },
                error => step(&path, "made", error),
            })?;
        let made = self.open_in_root(&path, OFlags::PATH);
        self.made.push(Made {
            parent,
            name: (*name).to_owned(),
            wanted,
        });
        made.map_err(|error| step(&path, "opened", error))
    }

    fn make(&self, parent: &OwnedFd, name: &str, wanted: Wanted) -> io::Result<()> {
        let made = match wanted {
            Wanted::Directory => {
                mkdirat(parent, name, DIRECTORY_MODE)?;
                let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                openat(parent, name, flags, Mode::empty())?
            }
            Wanted::File => {
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
                openat(parent, name, flags | OFlags::CLOEXEC, FILE_MODE)?
            }
        };
        let mode = if wanted == Wanted::Directory {
            DIRECTORY_MODE
        } else {
            FILE_MODE
        };
        // The umask may have taken bits away.
        fchmod(&made, mode)?;
        let (user, group) = self.owner;
        fchown(&made, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)))
    }

    fn refuse_volume(&self, path: &str, parent: &OwnedFd) -> Result<(), TargetError> {
        let id = mount_of(parent).map_err(|error| step(path, "looked at", error))?;
        if id == self.mount {
            return Ok(());
        }
        match self.mount_with(id) {
            Some(mount) if !self.host.contains(&mount.device) => Ok(()),
            mount => Err(TargetError::Volume {
                path: path.to_owned(),
                mount: mount.map_or_else(PathBuf::new, |mount| self.shown(mount)),
            }),
        }
    }

    fn open_in_root(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        // EAGAIN says that something was renamed meanwhile, somewhere on the machine.
        let mut result = Err(Errno::AGAIN);
        for _ in 0..RESOLVE_ATTEMPTS {
            result = openat2(
                &self.root,
                path,
                flags | OFlags::CLOEXEC,
                Mode::empty(),
                resolve,
            );
            if result.as_ref().err() != Some(&Errno::AGAIN) {
                break;
            }
        }
        result
    }

    fn mount_with(&self, id: u64) -> Option<&Mount> {
        self.mounts.iter().find(|mount| mount.id == id)
    }

    /// A mount's place as the container will see it.
    fn shown(&self, mount: &Mount) -> PathBuf {
        match mount.place.strip_prefix(&self.place) {
            Ok(below) => Path::new("/").join(below),
            Err(_) => mount.place.clone(),
        }
    }
}

impl Wanted {
    const fn file_type(self) -> FileType {
        match self {
            Self::Directory => FileType::Directory,
            Self::File => FileType::RegularFile,
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::File => "regular file",
        }
    }
}

fn fstat_root() -> io::Result<rustix::fs::Stat> {
    rustix::fs::stat("/")
}

/// Where a descriptor leads, as the calling thread sees it.
fn path_of(proc: &OwnedFd, fd: &OwnedFd) -> io::Result<PathBuf> {
    let link = format!("thread-self/fd/{}", fd.as_raw_fd());
    let path = readlinkat(proc, link, Vec::new())?;
    Ok(PathBuf::from(OsString::from_vec(path.into_bytes())))
}

/// The mount that a descriptor lies on; kernels before 5.8 cannot tell.
fn mount_of(fd: &OwnedFd) -> io::Result<u64> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    let status = statx(fd, "", flags, StatxFlags::MNT_ID)?;
    if status.stx_mask & StatxFlags::MNT_ID.bits() == 0 {
        return Err(Errno::NOSYS);
    }
    Ok(status.stx_mnt_id)
}

fn identity(fd: &OwnedFd) -> io::Result<(u32, u32, u64, u64)> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    let status = statx(fd, "", flags, StatxFlags::MNT_ID | StatxFlags::INO)?;
    let (major, minor) = (status.stx_dev_major, status.stx_dev_minor);
    Ok((major, minor, status.stx_ino, status.stx_mnt_id))
}

fn step(path: &str, step: &'static str, error: Errno) -> TargetError {
    let path = path.to_owned();
    TargetError::Step { path, step, error }
}

fn absolute(parts: &[&str]) -> String {
    format!("/{}", parts.join("/"))
}

const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o755);

/// Nobody reads an empty placeholder; it shows only once the container is gone.
const FILE_MODE: Mode = Mode::from_raw_mode(0o444);

/// Far more than a machine full of renames needs.
const RESOLVE_ATTEMPTS: usize = 64;
