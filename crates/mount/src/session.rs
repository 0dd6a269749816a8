//! A running session: the thread that answers one container's file system, and how it ends.

use crate::container::has_ended;
use crate::content::ContentSource;
use crate::filesystem::TreeFilesystem;
use crate::mounter::Mounter;
use crate::mountinfo::Device;
use fuser::{Config, Session, SessionACL};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, openat};
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// The files of one container, until this is dropped: then every further open in the container is refused
/// (ENOTCONN), and readers that wait are freed.
#[derive(Debug)]
pub struct Attached {
    pub(crate) pidfd: OwnedFd,
    pub(crate) session: RunningSession,
}

/// A thread that answers for one file system; aborts the connection when dropped.
#[derive(Debug)]
pub(crate) struct RunningSession {
    /// fusectl's `abort` of this connection. Held open: later the number in its path may be another's.
    abort: OwnedFd,
    server: Option<JoinHandle<()>>,
}

impl Attached {
    /// A descriptor that becomes readable when the container's first process ends.
    #[must_use]
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// Whether the container's first process has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        has_ended(self.pidfd())
    }

    /// Whether opens are still answered: not after the last mount is gone, or was aborted by a container that may.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        let server = self.session.server.as_ref();
        server.is_some_and(|server| !server.is_finished())
    }
}

impl RunningSession {
    /// Starts to answer what comes over `connection`, which belongs to the file system with that device number.
    pub(crate) fn start<C: ContentSource>(
        mounter: &Mounter,
        connection: OwnedFd,
        device: Device,
        filesystem: TreeFilesystem<C>,
    ) -> io::Result<Self> {
        let flags = OFlags::WRONLY | OFlags::CLOEXEC;
        let path = format!("{}/abort", device.minor);
        let abort = openat(&mounter.control, path, flags, Mode::empty())?;
        let mut config = Config::default();
        // One thread: opens are answered in microseconds. A cloned descriptor loses requests when a server restarts.
        config.n_threads = Some(1);
        config.clone_fd = false;
        // Whose requests these are decides `caller`, not fuser.
        let session = Session::from_fd(filesystem, connection, SessionACL::All, config)?;
        let server = thread::Builder::new()
            .name("session".to_owned())
            .spawn(move || serve(session))?;
        Ok(Self {
            abort,
            server: Some(server),
        })
    }
}

impl Drop for RunningSession {
    fn drop(&mut self) {
        // Fails only when the connection is gone, which is what it is for.
        if rustix::io::write(&self.abort, b"1").is_err() {
            tracing::debug!("the session had ended before");
        }
        let joined = self.server.take().map(JoinHandle::join);
        if matches!(joined, Some(Err(_))) {
            tracing::error!("the thread of a session panicked; its container lost its files");
        }
    }
}

/// Returns when the last mount is gone or the session is aborted. However it ends, the connection is closed with it,
/// which frees whoever waits.
fn serve<C: ContentSource>(session: Session<TreeFilesystem<C>>) {
    match session.run() {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(libc::ECONNABORTED) => {}
        Err(error) => tracing::error!(%error, "a session ended; its container lost its files"),
    }
}

/// Shares one source among all sessions.
impl<C: ContentSource> ContentSource for Arc<C> {
    fn read(
        &self,
        content: strongroom_tree::ContentId,
    ) -> Result<strongroom_sensitive::SecretBytes, crate::ContentError> {
        self.as_ref().read(content)
    }
}
