//! A manager that the test plays: it assigns what it is told to, and notes what agents say.

use std::collections::BTreeMap;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use strongroom_api::dispatch::dispatcher_service_server::{
    DispatcherService, DispatcherServiceServer,
};
use strongroom_api::dispatch::{
    Assignment, AssignmentChange, AttachTaskRequest, AttachTaskResponse, Content, ContentId,
    DetachTaskRequest, DetachTaskResponse, File, Kind, SessionRequest, SessionResponse,
    assignment_change::Change,
};
use strongroom_crypto::{Keyring, PayloadContext, SessionPublicKey, SystemRandom};
use strongroom_model::{ClusterId, Namespace, ObjectId, ServiceId, Version};
use strongroom_sensitive::SecretBytes;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::{Request, Response, Status};

/// What outlives a manager's process: the store.
#[derive(Clone, Default)]
pub(crate) struct Store(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    services: BTreeMap<String, Vec<(String, String)>>,
    said: Vec<Said>,
    sessions: Vec<mpsc::Sender<Result<SessionResponse, Status>>>,
    sequence: u64,
    key: Option<[u8; 32]>,
    knows_nothing: bool,
    /// What is said waits for this, where it is there.
    gate: Option<Arc<Notify>>,
}

/// What an agent said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A session, with these containers.
    Session(Vec<String>),
    /// A container has a service's files.
    Attach(String, String),
    /// A container has ended.
    Detach(String),
}

/// A running manager; killed with all its connections when dropped.
pub(crate) struct Manager {
    runtime: Option<Runtime>,
    socket: PathBuf,
}

struct Dispatcher(Store);

impl Store {
    /// Assigns a service with secrets: targets and bytes.
    pub(crate) fn assign(&self, name: &str, files: &[(&str, &str)]) {
        let mut inner = self.lock();
        let owned = |(target, bytes): &(&str, &str)| ((*target).to_owned(), (*bytes).to_owned());
        inner
            .services
            .insert(name.to_owned(), files.iter().map(owned).collect());
        let Some(key) = inner.key else { return };
        let changes = changes(name, &inner.services[name], key);
        let applies_to = inner.sequence;
        inner.sequence += 1;
        let message = SessionResponse {
            applies_to,
            results_in: applies_to + 1,
            start: false,
            complete: true,
            changes,
        };
        for session in &inner.sessions {
            // A session that is gone needs no telling.
            drop(session.try_send(Ok(message.clone())));
        }
    }

    /// From now on no service is known when a container is reported.
    pub(crate) fn forget_everything(&self) {
        self.lock().knows_nothing = true;
    }

    /// From now on no report is answered until the gate opens.
    pub(crate) fn hold_reports(&self) -> Arc<Notify> {
        Arc::clone(self.lock().gate.insert(Arc::default()))
    }

    /// Skips a number, as if a message had been lost.
    pub(crate) fn lose_a_message(&self) {
        self.lock().sequence += 1;
    }

    /// What agents said so far.
    pub(crate) fn said(&self) -> Vec<Said> {
        self.lock().said.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Manager {
    /// A manager on that socket.
    pub(crate) fn start(store: &Store, socket: &Path) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = UnixListener::bind(socket).unwrap();
        listener.set_nonblocking(true).unwrap();
        let dispatcher = DispatcherServiceServer::new(Dispatcher(store.clone()));
        runtime.spawn(async move {
            let listener = tokio::net::UnixListener::from_std(listener).unwrap();
            let server = tonic::transport::Server::builder().add_service(dispatcher);
            server
                .serve_with_incoming(UnixListenerStream::new(listener))
                .await
        });
        Self {
            runtime: Some(runtime),
            socket: socket.to_owned(),
        }
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        std::fs::remove_file(&self.socket).unwrap();
    }
}

#[tonic::async_trait]
impl DispatcherService for Dispatcher {
    type SessionStream = ReceiverStream<Result<SessionResponse, Status>>;

    async fn session(
        &self,
        request: Request<SessionRequest>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let request = request.into_inner();
        let key: [u8; 32] = request.session_public_key.try_into().unwrap();
        let (sender, receiver) = mpsc::channel(64);
        let mut inner = self.0.lock();
        inner.said.push(Said::Session(request.containers));
        inner.key = Some(key);
        inner.sequence = 1;
        let all = inner.services.iter();
        let changes = all
            .flat_map(|(name, files)| changes(name, files, key))
            .collect();
        let start = SessionResponse {
            applies_to: 0,
            results_in: 1,
            start: true,
            complete: true,
            changes,
        };
        sender.try_send(Ok(start)).unwrap();
        inner.sessions.push(sender);
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn attach_task(
        &self,
        request: Request<AttachTaskRequest>,
    ) -> Result<Response<AttachTaskResponse>, Status> {
        let request = request.into_inner();
        let gate = self.0.lock().gate.clone();
        if let Some(gate) = gate {
            gate.notified().await;
        }
        let mut inner = self.0.lock();
        if inner.knows_nothing {
            return Err(Status::not_found("the service is not there"));
        }
        let service = inner
            .services
            .keys()
            .find(|name| service_id(name) == request.service_id);
        let service = service.unwrap().clone();
        assert_eq!((request.node.as_str(), request.revision), ("here", 1));
        inner.said.push(Said::Attach(request.container, service));
        Ok(Response::new(AttachTaskResponse::default()))
    }

    async fn detach_task(
        &self,
        request: Request<DetachTaskRequest>,
    ) -> Result<Response<DetachTaskResponse>, Status> {
        let said = Said::Detach(request.into_inner().container);
        self.0.lock().said.push(said);
        Ok(Response::new(DetachTaskResponse::default()))
    }
}

/// 16 bytes that differ from name to name.
fn bytes_of(name: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (index, byte) in name.bytes().enumerate() {
        bytes[index % 16] ^= byte.rotate_left(u32::try_from(index / 16).unwrap());
    }
    bytes
}

fn service_id(name: &str) -> String {
    ServiceId::from_bytes(bytes_of(name)).to_string()
}

fn changes(name: &str, files: &[(String, String)], key: [u8; 32]) -> Vec<AssignmentChange> {
    let put = |change| AssignmentChange {
        change: Some(change),
    };
    let content_id = |target: &str| ContentId {
        object_id: ObjectId::from_bytes(bytes_of(target)).to_string(),
        version: 1,
    };
    let contents = files.iter().map(|(target, bytes)| {
        put(Change::PutContent(Content {
            id: Some(content_id(target)),
            ..encrypt(target, bytes, key)
        }))
    });
    let file = |(target, bytes): &(String, String)| File {
        content: Some(content_id(target)),
        kind: Kind::Secret.into(),
        target: target.clone(),
        uid: 0,
        gid: 0,
        mode: 0o444,
        size_bytes: bytes.len() as u64,
    };
    let service = Assignment {
        service_id: service_id(name),
        namespace: "default".to_owned(),
        service: name.to_owned(),
        revision: 1,
        files: files.iter().map(file).collect(),
    };
    contents.chain([put(Change::PutService(service))]).collect()
}

fn encrypt(target: &str, bytes: &str, key: [u8; 32]) -> Content {
    let namespace = Namespace::default();
    let context = PayloadContext {
        cluster: ClusterId::from_bytes([9; 16]),
        kind: strongroom_model::Kind::Secret,
        namespace: &namespace,
        object: ObjectId::from_bytes(bytes_of(target)),
        version: Version::FIRST,
    };
    let keyring = Keyring::generate(&mut SystemRandom).unwrap();
    let secret = SecretBytes::from_vec(bytes.as_bytes().to_vec());
    let encrypted = keyring
        .encrypt_payload(&context, &secret, &mut SystemRandom)
        .unwrap();
    let data_key = keyring
        .open_data_key(&context, &encrypted.wrapped_data_key)
        .unwrap();
    let sealed = SessionPublicKey(key).seal_data_key(&context, &data_key, &mut SystemRandom);
    let sealed = sealed.unwrap();
    Content {
        id: None,
        kind: Kind::Secret.into(),
        namespace: "default".to_owned(),
        cluster_id: vec![9; 16],
        size_bytes: bytes.len() as u64,
        record: encrypted.record,
        encapsulated_key: sealed.encapsulated_key.to_vec(),
        sealed_data_key: sealed.ciphertext,
    }
}
