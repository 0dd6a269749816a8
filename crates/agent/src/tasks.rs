//! Containers with files: attached once each, reported, watched, and forgotten when they end.

use crate::agent::Node;
use crate::assignments::Found;
use crate::backoff::Backoff;
use crate::limits;
use crate::protocol::Attach;
use crate::reports::Report;
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use strongroom_model::{ContainerId, ContainerIdError, Name, NameError, Revision, ServiceId};
use strongroom_mount::{AttachError, Attached, ContainerError, ContainerProcess};
use strongroom_tree::{BuildError, Tree};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::{Notify, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

/// The containers of this node that have files, or are about to.
#[derive(Debug)]
pub(crate) struct Tasks {
    limit: usize,
    entries: Mutex<BTreeMap<ContainerId, Entry>>,
    /// Tells of entries that went.
    removed: Notify,
}

#[derive(Debug)]
struct Entry {
    pid: i32,
    /// Nothing until the files are mounted.
    attached: Option<Weak<Attached>>,
    /// Asks for the container to be reported once more.
    again: Arc<Notify>,
}

/// Why a container gets no files. Nothing of the attempt is left.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("the container's service: {0}")]
    Name(#[from] NameError),
    #[error(transparent)]
    Id(#[from] ContainerIdError),
    #[error(
        "the service {0:?} is not known on this node: create it with `strongroom service create`, or correct the container's service"
    )]
    Unknown(String),
    #[error(
        "no manager has told this node's agent of the service {0:?}: see whether strongroomd runs, is unsealed, and is reached by the agent"
    )]
    NotReady(String),
    #[error(
        "the service {0:?} was removed meanwhile: create it again, or correct the container's service"
    )]
    Removed(String),
    #[error("the container {id} has files already, for process {pid}: delete that one first")]
    Conflict { id: ContainerId, pid: i32 },
    #[error("the container {0} has ended: start it again")]
    Ended(ContainerId),
    #[error(
        "{0} containers on this node have files, which is all that it can hold: end some first"
    )]
    Full(usize),
    #[error(transparent)]
    Tree(#[from] BuildError),
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error(transparent)]
    Attach(#[from] AttachError),
    #[error("the agent failed: {0}; see its log")]
    System(#[from] std::io::Error),
    #[error("the agent failed while mounting; see its log")]
    Panicked,
}

/// A container's place among the entries; given back when dropped.
#[derive(Debug)]
struct Place {
    node: Arc<Node>,
    id: ContainerId,
    again: Arc<Notify>,
}

enum Reserved {
    /// The container had no place.
    Now(Place),
    /// It has its files already.
    Before,
}

/// Mounts a service's files in a container, and sees to the rest of its life.
pub(crate) async fn attach(node: &Arc<Node>, request: Attach) -> Result<(), TaskError> {
    let id = ContainerId::parse(&request.container)?;
    let name = Name::parse(&request.service)?;
    let Reserved::Now(place) = reserve(node, &id, request.pid).await? else {
        return Ok(());
    };
    let Some(found) = node.wait_for(&name).await else {
        let name = request.service;
        return Err(if node.is_ready() {
            TaskError::Unknown(name)
        } else {
            TaskError::NotReady(name)
        });
    };
    let Found { service, contents } = found;
    let mounting = Arc::clone(node);
    let mounted = spawn_blocking(move || {
        let mounter = &mounting.mounter;
        let container = ContainerProcess::new(mounter, request.pid, &request.rootfs)?;
        Ok::<_, TaskError>(mounter.attach(container, Tree::new(service.files)?, contents)?)
    });
    let attached = Arc::new(mounted.await.map_err(|_| TaskError::Panicked)??);
    let pidfd = watch(attached.pidfd().try_clone_to_owned()?)?;
    node.tasks.set_attached(&id, &attached);
    let (first, mut answer) = oneshot::channel();
    let life = Life {
        place,
        attached,
        pidfd,
        service: service.id,
        revision: service.revision,
    };
    tokio::spawn(life.run(first));
    let report = match timeout(limits::REPORT_WAIT, &mut answer).await {
        Ok(report) => report.ok(),
        Err(_) => {
            // From here on the life goes on by itself, unless it has just said otherwise.
            answer.close();
            Some(answer.try_recv().unwrap_or(Report::Unanswered))
        }
    };
    match report {
        Some(Report::Known | Report::Unanswered) => Ok(()),
        Some(Report::NotFound) => Err(TaskError::Removed(request.service)),
        None => Err(TaskError::Ended(id)),
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe; an OwnedFd keeps what that one asks for"
)]
fn watch(pidfd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(pidfd, Interest::READABLE)
}

async fn reserve(node: &Arc<Node>, id: &ContainerId, pid: i32) -> Result<Reserved, TaskError> {
    let attempt = async {
        loop {
            // Before looking, so that no removal is missed.
            let removed = node.tasks.removed.notified();
            if let Some(reserved) = try_reserve(node, id, pid)? {
                return Ok(reserved);
            }
            removed.await;
        }
    };
    let late = |_| Err(TaskError::Ended(id.clone()));
    timeout(FORGET_WAIT, attempt).await.unwrap_or_else(late)
}

/// Nothing where the container's predecessor of the same name is just ending.
fn try_reserve(
    node: &Arc<Node>,
    id: &ContainerId,
    pid: i32,
) -> Result<Option<Reserved>, TaskError> {
    let mut entries = node.tasks.lock();
    if let Some(entry) = entries.get(id) {
        let attached = entry.attached.as_ref().map(Weak::upgrade);
        return match attached {
            Some(None) => Ok(None),
            Some(Some(attached)) if attached.has_ended() => Ok(None),
            Some(Some(_)) if entry.pid == pid => Ok(Some(Reserved::Before)),
            _ => Err(TaskError::Conflict {
                id: id.clone(),
                pid: entry.pid,
            }),
        };
    }
    if entries.len() >= node.tasks.limit {
        return Err(TaskError::Full(node.tasks.limit));
    }
    let again = Arc::new(Notify::new());
    let entry = Entry {
        pid,
        attached: None,
        again: Arc::clone(&again),
    };
    entries.insert(id.clone(), entry);
    Ok(Some(Reserved::Now(Place {
        node: Arc::clone(node),
        id: id.clone(),
        again,
    })))
}

impl Tasks {
    /// At most `limit` containers.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            entries: Mutex::default(),
            removed: Notify::new(),
        }
    }

    /// How many containers have files.
    pub(crate) fn count(&self) -> usize {
        let entries = self.lock();
        entries
            .values()
            .filter(|entry| entry.attached.is_some())
            .count()
    }

    /// The containers that have files.
    pub(crate) fn containers(&self) -> BTreeSet<ContainerId> {
        let entries = self.lock();
        let attached = entries.iter().filter(|(_, entry)| entry.attached.is_some());
        attached.map(|(id, _)| id.clone()).collect()
    }

    /// Reports those once more that are not among `said`.
    pub(crate) fn report_others(&self, said: &BTreeSet<ContainerId>) {
        for (id, entry) in self.lock().iter() {
            if !said.contains(id) {
                entry.again.notify_one();
            }
        }
    }

    fn report_again(&self, id: &ContainerId) -> bool {
        let entries = self.lock();
        let entry = entries.get(id);
        if let Some(entry) = entry {
            entry.again.notify_one();
        }
        entry.is_some()
    }

    fn set_attached(&self, id: &ContainerId, attached: &Arc<Attached>) {
        if let Some(entry) = self.lock().get_mut(id) {
            entry.attached = Some(Arc::downgrade(attached));
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ContainerId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.node.tasks.lock().remove(&self.id);
        self.node.tasks.removed.notify_waiters();
    }
}

/// One container from its start to its end.
#[derive(Debug)]
struct Life {
    place: Place,
    attached: Arc<Attached>,
    pidfd: AsyncFd<OwnedFd>,
    service: ServiceId,
    revision: Revision,
}

impl Life {
    /// `first` is told what the first report came to, while whoever starts the container waits for it.
    async fn run(self, first: oneshot::Sender<Report>) {
        let mut first = Some(first);
        loop {
            let report = tokio::select! {
                _ = self.pidfd.readable() => break,
                report = self.report() => report,
            };
            let told = first.take().is_some_and(|first| first.send(report).is_ok());
            match report {
                Report::NotFound if told => return self.end().await,
                Report::NotFound => tracing::warn!(
                    container = %self.place.id,
                    "a container runs whose service is gone; it keeps its files"
                ),
                Report::Known | Report::Unanswered => {}
            }
            tokio::select! {
                _ = self.pidfd.readable() => break,
                () = self.place.again.notified() => {}
            }
        }
        tracing::info!(container = %self.place.id, "the container ended");
        let (node, id) = (Arc::clone(&self.place.node), self.place.id.clone());
        self.end().await;
        detach(&node, &id).await;
    }

    /// Reports until there is an answer.
    async fn report(&self) -> Report {
        let mut backoff = Backoff::new();
        loop {
            let reports = &self.place.node.reports;
            match reports
                .attach(&self.place.id, self.service, self.revision)
                .await
            {
                Report::Unanswered => sleep(backoff.next()).await,
                report => return report,
            }
        }
    }

    /// Ends the session, then gives the place back.
    async fn end(self) {
        let Self {
            place,
            attached,
            pidfd,
            ..
        } = self;
        drop(pidfd);
        // Waits for the session's thread.
        if spawn_blocking(move || drop(attached)).await.is_err() {
            tracing::error!("ending a session failed");
        }
        drop(place);
    }
}

async fn detach(node: &Arc<Node>, id: &ContainerId) {
    let mut backoff = Backoff::new();
    for _ in 0..limits::DETACH_ATTEMPTS {
        match node.reports.detach(id).await {
            Report::Unanswered => sleep(backoff.next()).await,
            Report::Known | Report::NotFound => {
                // A successor of the same name may have been reported just before.
                node.tasks.report_again(id);
                return;
            }
        }
    }
    // The next session says which containers there are, and this one is not among them.
    node.renew.notify_one();
}

/// How long a container waits for its predecessor of the same name to be forgotten, which takes milliseconds.
const FORGET_WAIT: Duration = Duration::from_secs(2);
