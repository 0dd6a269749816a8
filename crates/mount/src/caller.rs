//! Who is calling: only the container's own processes open its files.
//!
//! The host's root can reach the mount through `/proc/PID/root` or by entering the namespaces. What it does not have
//! then is the container's cgroup (a process that root moves into the container's cgroup *is* one of the container's;
//! `docs/SEMANTICS.md` says so). The caller waits in the kernel while we look, so its number cannot be another's.
//!
//! Asked at every OPEN and OPENDIR, never at READ: read-ahead has no caller, and a READ comes only for what was opened.
//!
//! The answer is read anew each time, but from a descriptor that is kept for the last few callers. Such a descriptor
//! names the task, not its number: once the task is gone it fails, whoever has the number then.

use crate::cgroup::OwnCgroups;
use crate::container::ContainerProcess;
use crate::syscall;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Decides who may open one container's files.
#[derive(Debug)]
pub(crate) struct Callers {
    proc: Arc<OwnedFd>,
    cgroups: OwnCgroups,
    /// Cgroups of the unified hierarchy that are the container's; nothing where that hierarchy does not tell.
    /// A cgroup keeps its id and its place for ever, so what was seen to be the container's stays it.
    known: Option<Mutex<Ring<u64>>>,
    recent: Mutex<Ring<Recent>>,
}

/// A task that was admitted, and a descriptor that tells its cgroups now.
#[derive(Debug)]
struct Recent {
    task: u32,
    evidence: Evidence,
}

#[derive(Debug)]
enum Evidence {
    /// Of the task itself (`PIDFD_THREAD`); asked with `PIDFD_GET_INFO`.
    Pidfd(OwnedFd),
    /// `/proc/TID/cgroup`, which belongs to the task and not to its number; read again from its start.
    Proc(OwnedFd),
}

/// The last few of something.
#[derive(Debug)]
struct Ring<T> {
    items: Vec<T>,
    next: usize,
}

impl Callers {
    pub(crate) fn new(proc: Arc<OwnedFd>, container: &ContainerProcess) -> Self {
        Self {
            proc,
            cgroups: container.cgroups.clone(),
            known: container.unified.map(|id| {
                let mut known = Ring::new();
                known.push(id);
                Mutex::new(known)
            }),
            recent: Mutex::new(Ring::new()),
        }
    }

    /// Whether the task, as the kernel numbers it for us, is one of the container's. 0 is one that has no number here.
    pub(crate) fn admit(&self, task: u32) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = recent.items.iter().position(|recent| recent.task == task) {
            if self.is_own(task, &recent.items[index].evidence) {
                return true;
            }
            recent.remove(index);
        }
        let evidence = self.evidence(task);
        match evidence.filter(|evidence| self.is_own(task, evidence)) {
            Some(evidence) => {
                recent.push(Recent { task, evidence });
                true
            }
            None => false,
        }
    }

    fn evidence(&self, task: u32) -> Option<Evidence> {
        let pid = Pid::from_raw(i32::try_from(task).ok()?)?;
        if self.known.is_some() {
            // Where the kernel tells the cgroup of a pidfd (6.13) it also has pidfds of threads (6.9).
            return pidfd_open(pid, PIDFD_THREAD).ok().map(Evidence::Pidfd);
        }
        self.open_cgroup(task).ok().map(Evidence::Proc)
    }

    fn is_own(&self, task: u32, evidence: &Evidence) -> bool {
        match (evidence, &self.known) {
            (Evidence::Proc(file), _) => self.is_listed(file),
            (Evidence::Pidfd(pidfd), Some(known)) => {
                let Some(id) = syscall::unified_cgroup(pidfd.as_fd()) else {
                    return false;
                };
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.items.contains(&id) {
                    return true;
                }
                // A cgroup that the container made below its own, or a stranger's.
                let own = self
                    .open_cgroup(task)
                    .is_ok_and(|file| self.is_listed(&file));
                // Was it still there, in that cgroup, once its listing was read? Only then the listing was of that id.
                let own = own && syscall::unified_cgroup(pidfd.as_fd()) == Some(id);
                if own {
                    known.push(id);
                }
                own
            }
            (Evidence::Pidfd(_), None) => false,
        }
    }

    fn open_cgroup(&self, task: u32) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        openat(
            self.proc.as_ref(),
            format!("{task}/cgroup"),
            flags,
            Mode::empty(),
        )
    }

    fn is_listed(&self, file: &OwnedFd) -> bool {
        let mut listing = [0; LISTING];
        // A task that has ended, and a listing that is cut off, admit nobody.
        let length = match io::pread(file, &mut listing, 0) {
            Ok(length) if length < LISTING => length,
            _ => return false,
        };
        str::from_utf8(&listing[..length]).is_ok_and(|listing| self.cgroups.hold(listing))
    }
}

impl<T> Ring<T> {
    const fn new() -> Self {
        Self {
            items: Vec::new(),
            next: 0,
        }
    }

    fn push(&mut self, item: T) {
        if self.items.len() < RECENT {
            self.items.push(item);
        } else {
            self.items[self.next] = item;
            self.next = (self.next + 1) % RECENT;
        }
    }

    fn remove(&mut self, index: usize) {
        self.items.swap_remove(index);
    }
}

/// A flag of `pidfd_open` since Linux 6.9: of the task itself, not of its process.
const PIDFD_THREAD: PidfdFlags = PidfdFlags::from_bits_retain(libc::O_EXCL as u32);

/// Callers and cgroups that are remembered per container; one descriptor each. More threads than these that open files
/// at once pay for a new descriptor per open.
const RECENT: usize = 8;

/// Bytes of a task's listing; a dozen hierarchies with paths of 300 characters.
const LISTING: usize = 4096;

#[cfg(test)]
mod tests;
