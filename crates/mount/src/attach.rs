//! Attaching: a superblock, a session, clones of its parts, and each of them moved to its place in the container.

use crate::caller::Callers;
use crate::container::{ContainerProcess, has_ended};
use crate::content::ContentSource;
use crate::filesystem::TreeFilesystem;
use crate::mounter::Mounter;
use crate::mountinfo::{Device, Mount};
use crate::rootfs::{Place, Rootfs, TargetError, Wanted};
use crate::session::{Attached, RunningSession};
use crate::superblock::{self, Superblock};
use crate::syscall;
use rustix::fd::OwnedFd;
use rustix::mount::{MoveMountFlags, UnmountFlags, move_mount, unmount};
use rustix::process::fchdir;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;
use strongroom_model::{Gid, Target, Uid};
use strongroom_tree::{Mountpoints, Tree};

/// Why a container gets no files. Nothing of the attempt is left.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// Its first process ended meanwhile.
    #[error("the container's process {0} is gone: start the container again")]
    Gone(i32),
    /// An owner that does not exist in there.
    #[error(
        "{path} belongs to {owner}, which the container's user namespace does not have: \
         change the reference, or the container's mapping"
    )]
    Unmapped {
        /// `uid N` or `gid N`.
        owner: String,
        /// The file's path in the container.
        path: String,
    },
    /// The kernel made no file system, or moved no mount.
    #[error("the files cannot be mounted: {step}: {error}")]
    Mount {
        /// What was tried.
        step: &'static str,
        /// The kernel's answer.
        error: std::io::Error,
    },
    /// A place in the container.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The mount appeared on the host, and was taken away again.
    #[error(
        "the files would show in the host's mount table: make the container's mounts private or slave"
    )]
    Leaked,
}

impl Mounter {
    /// Shows `tree` in the container, and answers for it until the result is dropped.
    ///
    /// Takes about a millisecond, on a thread of its own that enters the container's mount namespace and ends.
    ///
    /// # Errors
    /// [`AttachError`]; then nothing is mounted and nothing was made.
    pub fn attach<C: ContentSource>(
        &self,
        container: ContainerProcess,
        tree: Tree,
        contents: C,
    ) -> Result<Attached, AttachError> {
        if let Err(unmapped) = container.ids.refuse_unmapped(tree.files()) {
            let (owner, path) = (unmapped.owner, unmapped.path);
            return Err(AttachError::Unmapped { owner, path });
        }
        let mountpoints = tree.mountpoints().clone();
        let superblock = Superblock::new().map_err(failed("making a FUSE file system"))?;
        let filesystem = TreeFilesystem {
            tree,
            contents,
            callers: Callers::new(Arc::clone(&self.proc), &container),
            ids: container.ids.clone(),
            mounted_at: SystemTime::now(),
        };
        let device = superblock::device(&superblock.mount).map_err(failed("looking at it"))?;
        let Superblock { connection, mount } = superblock;
        let session = RunningSession::start(self, connection, device, filesystem)
            .map_err(failed("starting its session"))?;
        let moving = || self.move_into(&container, &mountpoints, &mount, device);
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("attach".to_owned());
            let thread = thread
                .spawn_scoped(scope, moving)
                .map_err(failed("starting a thread"))?;
            let panicked = |_| failed("moving it")(std::io::ErrorKind::Other);
            thread.join().map_err(panicked)?
        })?;
        let pidfd = container.pidfd;
        Ok(Attached { pidfd, session })
    }

    /// Runs on a thread that has nothing else to do: it never comes back from the container's namespace.
    fn move_into(
        &self,
        container: &ContainerProcess,
        mountpoints: &Mountpoints,
        mount: &OwnedFd,
        device: Device,
    ) -> Result<(), AttachError> {
        let host = self
            .host_mounts()
            .map_err(failed("reading the host's mounts"))?;
        syscall::unshare_file_system().map_err(failed("leaving the process's root"))?;
        let secrets = mountpoints.secrets.then_some(Tree::SECRETS);
        let files = mountpoints.files.iter().map(|file| file.source.as_str());
        let clones = self
            .anchor
            .clone_parts(mount.as_fd(), secrets.into_iter().chain(files))
            .map_err(failed("cloning it in the private namespace"))?;
        let namespace = container.mount_namespace.as_fd();
        move_into_link_name_space(namespace, Some(LinkNameSpaceType::Mount))
            .map_err(failed("entering the container's mount namespace"))?;
        let owner = (
            container.ids.user(Uid::default()),
            container.ids.group(Gid::default()),
        );
        let mut rootfs = Rootfs::open(&self.proc, &container.rootfs, &host, owner)?;
        let mut moved = Vec::new();
        let outcome = place_all(&mut rootfs, mountpoints, clones, &mut moved)
            .and_then(|()| self.refuse_leak(device))
            .and_then(|()| {
                let gone = has_ended(container.pidfd.as_fd());
                if gone {
                    Err(AttachError::Gone(container.pid))
                } else {
                    Ok(())
                }
            });
        if outcome.is_err() {
            self.take_back(&moved);
            rootfs.undo();
        }
        outcome
    }

    fn refuse_leak(&self, ours: Device) -> Result<(), AttachError> {
        let host = self
            .host_mounts()
            .map_err(failed("reading the host's mounts"))?;
        let leaked = |mount: &Mount| mount.device == ours;
        if host.iter().any(leaked) {
            Err(AttachError::Leaked)
        } else {
            Ok(())
        }
    }

    fn take_back(&self, moved: &[OwnedFd]) {
        // unmount takes a path, and a descriptor's is below /proc, which this namespace may not have.
        let entered = fchdir(self.proc.as_ref());
        for mount in moved {
            let path = format!("thread-self/fd/{}", mount.as_raw_fd());
            let unmounted = entered.and_then(|()| unmount(path, UnmountFlags::DETACH));
            if let Err(error) = unmounted {
                tracing::warn!(%error, "a dead mount stays in a container that was refused");
            }
        }
    }
}

fn place_all(
    rootfs: &mut Rootfs<'_>,
    mountpoints: &Mountpoints,
    clones: Vec<OwnedFd>,
    moved: &mut Vec<OwnedFd>,
) -> Result<(), AttachError> {
    let mut places: Vec<Place> = Vec::new();
    if mountpoints.secrets {
        places.push(rootfs.prepare(&Target::SECRETS, Wanted::Directory)?);
    }
    for file in &mountpoints.files {
        places.push(rootfs.prepare(&file.path, Wanted::File)?);
    }
    Rootfs::refuse_overlaps(&places)?;
    for (place, clone) in places.iter().zip(clones) {
        let flags =
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
        move_mount(&clone, "", &place.fd, "", flags)
            .map_err(failed("moving it into the container"))?;
        moved.push(clone);
    }
    for (place, mount) in places.iter().zip(&*moved) {
        rootfs.verify(place, mount)?;
    }
    Ok(())
}

fn failed<E: Into<std::io::Error>>(step: &'static str) -> impl FnOnce(E) -> AttachError {
    move |error| AttachError::Mount {
        step,
        error: error.into(),
    }
}
