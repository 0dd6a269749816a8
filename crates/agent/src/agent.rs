//! The running agent: its parts, how they are started, and how they end.

use crate::assignments::{Assignments, Found, Update, UpdateError};
use crate::cli::RunArgs;
use crate::limits;
use crate::reports::Reports;
use crate::socket::{Listener, SocketError};
use crate::tasks::Tasks;
use crate::{server, session};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_client::{Endpoint, EndpointError};
use strongroom_model::{Name, Namespace, NodeName, NodeNameError};
use strongroom_mount::{Mounter, MounterError};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

/// What all parts of the agent share.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) mounter: Mounter,
    pub(crate) reports: Reports,
    pub(crate) tasks: Tasks,
    /// Asks for a new session.
    pub(crate) renew: Notify,
    assignments: Mutex<Assignments>,
    /// Counts updates, so that hooks can wait for one.
    updates: watch::Sender<u64>,
}

/// Why the agent does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    /// `--manager`.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The machine's name.
    #[error("{0}; name the node with --node")]
    Node(#[from] NodeNameError),
    /// The machine's name cannot be read.
    #[error("the host's name cannot be read: {0}; name the node with --node")]
    HostName(#[source] io::Error),
    /// Mounting.
    #[error(transparent)]
    Mounter(#[from] MounterError),
    /// `--socket`.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The operating system.
    #[error("the agent cannot start: {0}")]
    System(#[from] io::Error),
}

impl Node {
    /// Applies a message of a session.
    pub(crate) fn update(&self, update: Update) -> Result<(), UpdateError> {
        let applied = self.lock().apply(update);
        self.updates
            .send_modify(|count| *count = count.wrapping_add(1));
        applied
    }

    /// Whether the managers have said what this node is assigned.
    pub(crate) fn is_ready(&self) -> bool {
        self.lock().is_ready()
    }

    /// The service, as soon as it is here with all its contents; nothing when it does not come in time.
    pub(crate) async fn wait_for(&self, name: &Name) -> Option<Found> {
        let namespace = Namespace::default();
        let mut updates = self.updates.subscribe();
        let found = async {
            loop {
                updates.borrow_and_update();
                if let Some(found) = self.lock().find(&namespace, name) {
                    return Some(found);
                }
                updates.changed().await.ok()?;
            }
        };
        tokio::time::timeout(limits::SERVICE_WAIT, found)
            .await
            .ok()
            .flatten()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Assignments> {
        self.assignments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the agent until it is told to end.
pub(crate) fn run(args: &RunArgs) -> Result<(), AgentError> {
    let endpoint = Endpoint::parse(&args.manager)?;
    let name = match &args.node {
        Some(name) => name.clone(),
        None => host_name().map_err(AgentError::HostName)?,
    };
    let name = NodeName::parse(&name)?;
    let containers = raise_descriptors()?;
    let mounter = Mounter::new()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = Listener::bind(&args.socket).await?;
        let node = Arc::new(Node {
            mounter,
            reports: Reports {
                node: name,
                channel: strongroom_client::channel(&endpoint),
            },
            tasks: Tasks::new(containers),
            renew: Notify::new(),
            assignments: Mutex::default(),
            updates: watch::Sender::new(0),
        });
        let mut ends = [SignalKind::terminate(), SignalKind::interrupt()].map(signal).into_iter();
        let (Some(terminate), Some(interrupt)) = (ends.next(), ends.next()) else {
            return Ok(());
        };
        let (mut terminate, mut interrupt) = (terminate?, interrupt?);
        tracing::info!(socket = %args.socket.display(), manager = %endpoint, "the agent answers hooks");
        tokio::select! {
            () = session::keep(Arc::clone(&node)) => {}
            () = server::serve(&listener, &node) => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let mounts = node.tasks.count();
        tracing::info!(mounts, "the agent ends; containers that have files lose them");
        Ok(())
    })
}

/// Lets the process have all descriptors that it may have; returns how many containers these are enough for.
fn raise_descriptors() -> Result<usize, io::Error> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    )?;
    let rest = maximum
        .unwrap_or(u64::MAX)
        .saturating_sub(limits::DESCRIPTORS);
    let containers = usize::try_from(rest / limits::DESCRIPTORS_PER_CONTAINER);
    Ok(containers.map_or(limits::NODE_CONTAINERS, |containers| {
        containers.min(limits::NODE_CONTAINERS)
    }))
}

fn host_name() -> Result<String, io::Error> {
    Ok(std::fs::read_to_string("/proc/sys/kernel/hostname")?
        .trim_end()
        .to_owned())
}

/// The agent waits most of the time, and containers' reads have threads of their own.
const WORKERS: usize = 2;
