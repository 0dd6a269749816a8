//! `DispatcherService`: tells each agent what its node is assigned, and hears what is attached there.
//!
//! One session for each node; a new one ends the one before. Each is a task with a channel of one message: an agent that
//! does not take it in time is cut off, and comes back to a complete start.

mod known;
mod message;
mod session;

use crate::{
    gate::{Admitted, Gate},
    refusals,
    vault::draw_id,
};
use session::Session;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use strongroom_api::{
    Refusal,
    dispatch::{
        AttachTaskRequest, AttachTaskResponse, DetachTaskRequest, DetachTaskResponse,
        SessionRequest, SessionResponse, dispatcher_service_server::DispatcherService,
    },
    request::{AttachTask, DetachTask, OpenSession},
    v1::ErrorReason,
};
use strongroom_crypto::SessionPublicKey;
use strongroom_model::{NodeName, TaskId};
use strongroom_state::{self as state, Change};
use tokio::{sync::mpsc, task::AbortHandle};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, async_trait};

/// Which services' files a node's agent gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// None: nobody can say yet which service may run where.
    Nowhere,
    /// All, on any node: one machine, for development.
    Everywhere,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Dispatcher {
    gate: Gate,
    placement: Placement,
    sessions: Sessions,
}

impl Dispatcher {
    pub(crate) fn new(gate: Gate, placement: Placement) -> Self {
        Self {
            gate,
            placement,
            sessions: Sessions::default(),
        }
    }

    /// Ends all sessions.
    pub(crate) fn close(&self) {
        self.sessions.close();
    }
}

#[async_trait]
impl DispatcherService for Dispatcher {
    type SessionStream = ReceiverStream<Result<SessionResponse, Status>>;

    async fn session(
        &self,
        request: Request<SessionRequest>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.gate.admit::<_, OpenSession>(request)?;
        let OpenSession {
            node,
            public_key,
            containers,
        } = ask;
        let change = Change::KeepTasks {
            node: node.clone(),
            containers,
        };
        vault.change(administrator, None, change).await?;
        let (sender, receiver) = mpsc::channel(1);
        let session = Session::new(vault, self.placement, SessionPublicKey(public_key), sender);
        self.sessions.begin(node, session.run())?;
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn attach_task(
        &self,
        request: Request<AttachTaskRequest>,
    ) -> Result<Response<AttachTaskResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.gate.admit::<_, AttachTask>(request)?;
        let AttachTask {
            node,
            container,
            service,
            revision,
        } = ask;
        let id = TaskId::from_bytes(draw_id()?);
        let change = Change::AttachTask {
            id,
            node,
            container,
            service,
            revision,
        };
        let state::Response::Task(id) = vault.change(administrator, None, change).await? else {
            return Err(refusals::unexpected().into());
        };
        Ok(Response::new(AttachTaskResponse {
            task_id: id.to_string(),
        }))
    }

    async fn detach_task(
        &self,
        request: Request<DetachTaskRequest>,
    ) -> Result<Response<DetachTaskResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.gate.admit::<_, DetachTask>(request)?;
        let DetachTask { node, container } = ask;
        let change = Change::DetachTask { node, container };
        vault.change(administrator, None, change).await?;
        Ok(Response::new(DetachTaskResponse {}))
    }
}

/// Nodes with a session at once; what one Raft group is built for is ten thousand, over several managers.
const SESSIONS: usize = 4_096;

/// The sessions under way, by node.
#[derive(Clone, Debug, Default)]
struct Sessions {
    running: Arc<Mutex<Running>>,
    next: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Running {
    by_node: BTreeMap<NodeName, (u64, AbortHandle)>,
    closed: bool,
}

impl Sessions {
    /// Runs a node's session in place of the one that it had.
    fn begin(
        &self,
        node: NodeName,
        session: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Refusal> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let sessions = self.clone();
        let mut running = self.lock();
        if running.closed {
            return Err(Refusal::new(
                ErrorReason::NoLeader,
                "the manager is stopping: call again",
            ));
        }
        if running.by_node.len() >= SESSIONS && !running.by_node.contains_key(&node) {
            let message = format!("{SESSIONS} agents are connected, which is the most");
            return Err(Refusal::new(ErrorReason::Busy, message));
        }
        tracing::info!(%node, number, "an agent's session begins");
        let ending = node.clone();
        let task = tokio::spawn(async move {
            session.await;
            sessions.end(&ending, number);
        });
        let before = running.by_node.insert(node, (number, task.abort_handle()));
        if let Some((_, before)) = before {
            before.abort();
        }
        Ok(())
    }

    fn end(&self, node: &NodeName, number: u64) {
        tracing::info!(%node, number, "an agent's session ends");
        let mut running = self.lock();
        if running
            .by_node
            .get(node)
            .is_some_and(|(current, _)| *current == number)
        {
            running.by_node.remove(node);
        }
    }

    fn close(&self) {
        let mut running = self.lock();
        running.closed = true;
        for (_, (_, task)) in core::mem::take(&mut running.by_node) {
            task.abort();
        }
    }

    /// A panic while the lock was held leaves at worst an ended session in the map.
    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
