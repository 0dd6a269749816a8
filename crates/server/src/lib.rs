//! strongroomd: unseals, replicates, serves the gRPC API and tells agents what to mount.
//!
//! [`run`] is the life of a manager: it takes the data directory, listens, unseals, and serves until it is told to stop or
//! its member of the cluster has stopped. It listens before it unseals, so that whoever waits for it can ask.

mod clock;
mod dispatch;
mod gate;
mod grpc;
mod guard;
mod listen;
mod lock;
pub mod logging;
mod page;
mod peer;
mod refusals;
mod settings;
mod unseal;
mod vault;

pub use listen::ListenError;
pub use lock::DataDirError;
pub use settings::{LogFormat, SealSetting, SealSettingError, Settings};
pub use unseal::{KeysError, MaterialError, OpenVaultError};

use dispatch::{Dispatcher, Placement};
use gate::Gate;
use grpc::Health;
use listen::Socket;
use lock::DataDir;
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use strongroom_consensus::{Consensus, StartError};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle, spawn_blocking},
    time::timeout,
};
use unseal::Opened;
use vault::Vault;

/// Why a manager does not run, or runs no more. One line each.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The socket.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The seal or the store.
    #[error(transparent)]
    Open(#[from] OpenVaultError),
    /// The cluster.
    #[error(transparent)]
    Consensus(#[from] StartError),
    /// The server.
    #[error("the API cannot be served: {0}")]
    Serve(#[from] tonic::transport::Error),
    /// A fault in the program; the log has its place.
    #[error("a part of strongroomd has failed: look at its log for the place, and report it")]
    Fault(#[from] JoinError),
    /// The member has stopped by itself.
    #[error(
        "the manager's part in the cluster has ended, its log says why: restart it once that is in order"
    )]
    MemberStopped,
}

/// How long calls under way may take to finish once the manager is told to stop.
const DRAIN: Duration = Duration::from_millis(700);

/// How long the member may take to stop. What it has acknowledged is on disk already.
const CLOSE: Duration = Duration::from_millis(900);

/// Runs a manager until `stop` ends.
///
/// # Errors
/// [`RunError`], which is what the operator is told.
pub async fn run(settings: Settings, stop: impl Future<Output = ()>) -> Result<(), RunError> {
    let dir = Arc::new(DataDir::take(&settings.data_dir, settings.bootstrap)?);
    let socket = Socket::bind(&settings.socket)?;
    let mut server = Server::start(socket, placement(&settings)).await;
    let mut stop = pin!(stop);
    let vault = tokio::select! {
        () = &mut stop => return server.stop(Ok(())).await,
        ended = server.ended() => return server.stop(ended).await,
        vault = unsealed(Arc::clone(&dir), settings) => vault,
    };
    let vault = match vault {
        Ok(vault) => vault,
        Err(error) => return server.stop(Err(error)).await,
    };
    let consensus = vault.consensus().clone();
    server.gate.open(vault);
    server.health.set(true).await;
    tracing::info!("ready");
    let ended = tokio::select! {
        () = &mut stop => Ok(()),
        ended = server.ended() => ended,
        () = consensus.stopped() => Err(RunError::MemberStopped),
    };
    let ended = server.stop(ended).await;
    if timeout(CLOSE, consensus.shutdown()).await.is_err() {
        tracing::warn!("the store was not closed in time; nothing that was acknowledged is lost");
    }
    // The next manager may have the directory from here on.
    drop(dir);
    ended
}

const fn placement(settings: &Settings) -> Placement {
    if settings.dev {
        Placement::Everywhere
    } else {
        Placement::Nowhere
    }
}

/// Opens the keys and the store, and takes part in the cluster.
async fn unsealed(dir: Arc<DataDir>, settings: Settings) -> Result<Arc<Vault>, RunError> {
    let opening = Arc::clone(&dir);
    let opened = spawn_blocking(move || unseal::open(&opening, &settings)).await??;
    let Opened {
        cluster,
        keyring,
        store,
        state,
        new,
    } = opened;
    let consensus = if new {
        let consensus = Consensus::create(store, state).await?;
        spawn_blocking(move || unseal::finish(&dir)).await??;
        consensus
    } else {
        Consensus::start(store, state).await?
    };
    Ok(Arc::new(Vault::new(cluster, keyring, consensus)))
}

/// The gRPC server at work, sealed until its gate is opened.
struct Server {
    gate: Gate,
    dispatcher: Dispatcher,
    health: Health,
    stop: watch::Sender<bool>,
    serving: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Server {
    async fn start(socket: Socket, placement: Placement) -> Self {
        let gate = Gate::default();
        let dispatcher = Dispatcher::new(gate.clone(), placement);
        let (health, health_service) = grpc::health().await;
        let (stop, mut stopping) = watch::channel(false);
        let services = grpc::services(gate.clone(), dispatcher.clone(), health_service);
        let serving = grpc::serve(listen::connections(socket), services, async move {
            // The sender being gone means the same.
            let _stopped: Result<_, _> = stopping.wait_for(|stop| *stop).await;
        });
        let serving = tokio::spawn(serving);
        Self {
            gate,
            dispatcher,
            health,
            stop,
            serving,
        }
    }

    /// Returns when the server ends by itself.
    async fn ended(&mut self) -> Result<(), RunError> {
        Ok((&mut self.serving).await??)
    }

    /// Takes no more calls, waits a moment for those under way, and gives up the socket. Returns `ended`, or why
    /// stopping failed after all had gone well.
    async fn stop(mut self, ended: Result<(), RunError>) -> Result<(), RunError> {
        self.health.set(false).await;
        self.dispatcher.close();
        self.stop.send_replace(true);
        if self.serving.is_finished() {
            return ended;
        }
        if let Ok(drained) = timeout(DRAIN, self.ended()).await {
            return ended.and(drained);
        }
        self.serving.abort();
        // Cancelled, by the line above.
        let _cancelled: Result<_, _> = self.serving.await;
        ended
    }
}
