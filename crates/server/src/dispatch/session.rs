//! One agent's session: everything first, then each change, in a sequence without gaps.
//!
//! Contents go out before the services that use them and are taken back after them, so that an agent never knows of a
//! file without knowing its bytes. A content is the record as it is stored and its data key, which is sealed to the
//! session: no bytes in clear pass through here.

use super::{
    Placement,
    known::{ContentKey, Known},
    message::{self, Outgoing},
};
use crate::{
    refusals,
    vault::{SealContentError, Vault, VersionPath},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use strongroom_api::{
    Refusal,
    dispatch::{Assignment, Content, SessionResponse},
    v1::ErrorReason,
};
use strongroom_consensus::SubscriptionError;
use strongroom_crypto::SessionPublicKey;
use strongroom_model::{Namespace, PayloadSize, Reference, ServiceId};
use strongroom_state::{Event, Service, State};
use tokio::{sync::mpsc, time::timeout};
use tonic::Status;

/// How long an agent may take for a message. It only has to put it away.
const DEADLINE: Duration = Duration::from_secs(20);

/// See the module.
#[derive(Debug)]
pub(super) struct Session {
    vault: Arc<Vault>,
    placement: Placement,
    public_key: SessionPublicKey,
    sender: mpsc::Sender<Result<SessionResponse, Status>>,
    known: Known,
    outgoing: Outgoing,
    sequence: u64,
    /// Whether the next message starts over.
    start: bool,
}

/// Why a session is over.
#[derive(Debug)]
enum Over {
    /// The agent has gone, or does not take what it is sent.
    Gone,
    /// It is told why.
    Refused(Refusal),
}

/// A service as it is at one moment.
struct Snapshot {
    service: Service,
    assignment: Assignment,
    /// Each once, however many files show it.
    contents: BTreeMap<ContentKey, (VersionPath, PayloadSize)>,
}

impl Session {
    pub(super) fn new(
        vault: Arc<Vault>,
        placement: Placement,
        public_key: SessionPublicKey,
        sender: mpsc::Sender<Result<SessionResponse, Status>>,
    ) -> Self {
        Self {
            vault,
            placement,
            public_key,
            sender,
            known: Known::default(),
            outgoing: Outgoing::default(),
            sequence: 0,
            start: true,
        }
    }

    /// Runs until the agent has gone, or the manager stops.
    pub(super) async fn run(mut self) {
        if let Err(Over::Refused(refusal)) = self.serve().await {
            let told = timeout(DEADLINE, self.sender.send(Err(refusal.into()))).await;
            if !matches!(told, Ok(Ok(()))) {
                tracing::debug!("the agent went before it could be told why its session ends");
            }
        }
    }

    async fn serve(&mut self) -> Result<(), Over> {
        // Before the first look at the state, so that no change is missed in between.
        let mut changes = self.vault.consensus().subscribe();
        self.start_over().await?;
        let sender = self.sender.clone();
        loop {
            let changed = tokio::select! {
                () = sender.closed() => return Err(Over::Gone),
                changed = changes.next() => changed,
            };
            match changed {
                Ok(change) => self.follow(&change.events).await?,
                Err(SubscriptionError::Lagged(_)) => self.start_over().await?,
                Err(SubscriptionError::Stopped) => return Ok(()),
            }
        }
    }

    async fn start_over(&mut self) -> Result<(), Over> {
        self.known = Known::default();
        self.start = true;
        let services: Vec<ServiceId> = match self.placement {
            Placement::Nowhere => Vec::new(),
            Placement::Everywhere => self
                .vault
                .consensus()
                .read(|state| state.all_services().map(|service| service.id).collect()),
        };
        for service in services {
            self.tell_of(service).await?;
        }
        self.send(true).await
    }

    async fn follow(&mut self, events: &[Event]) -> Result<(), Over> {
        if self.placement == Placement::Nowhere {
            return Ok(());
        }
        for event in events {
            match *event {
                Event::Service(service) => self.tell_of(service).await?,
                Event::VersionEnded(object, version) => {
                    // A service that uses it still keeps it from ending; this is for a content that came too late.
                    if self.known.has_content((object, version)) {
                        self.outgoing.remove_content((object, version));
                    }
                }
                Event::Object(_) | Event::Task(_) => {}
            }
        }
        if self.outgoing.is_empty() {
            return Ok(());
        }
        self.send(true).await
    }

    /// Tells of a service as it is now, or that it has gone.
    async fn tell_of(&mut self, id: ServiceId) -> Result<(), Over> {
        let snapshot = self
            .vault
            .consensus()
            .read(|state| state.service(id).map(|service| snapshot(state, service)));
        let Some(Snapshot {
            service,
            assignment,
            contents,
        }) = snapshot
        else {
            if let Some(unused) = self.known.remove_service(id) {
                self.outgoing.remove_service(id);
                self.take_back(unused);
            }
            return Ok(());
        };
        if self.known.has_service(&service) {
            return Ok(());
        }
        for (content, (path, size)) in contents {
            if !self.known.has_content(content) {
                self.put_content(&path, size)?;
                self.send_if_full().await?;
            }
        }
        self.outgoing.put_service(assignment);
        let unused = self.known.put_service(&service);
        self.take_back(unused);
        self.send_if_full().await
    }

    fn take_back(&mut self, unused: Vec<ContentKey>) {
        for content in unused {
            self.outgoing.remove_content(content);
        }
    }

    /// Leaves a content out that cannot be had: the agent then refuses the containers that need it, and no others.
    fn put_content(&mut self, path: &VersionPath, size: PayloadSize) -> Result<(), Over> {
        let (object, version) = (path.object, path.version);
        let stored = self.vault.consensus().payload(object, version);
        let payload = match stored {
            Ok(Some(payload)) => payload,
            Ok(None) => return Ok(()),
            Err(error) => {
                tracing::error!(%object, %version, %error, "a content cannot be read");
                return Ok(());
            }
        };
        let cipher = self.vault.cipher();
        let sealed = cipher.seal_data_key(path, &payload.wrapped_data_key, &self.public_key);
        let sealed = match sealed {
            Ok(sealed) => sealed,
            Err(SealContentError::Damaged) => {
                // Logs it; whoever asked is the agent's container, later.
                refusals::damaged(object, version);
                return Ok(());
            }
            Err(SealContentError::Session(error)) => {
                let refusal = Refusal::new(ErrorReason::InvalidRequest, error.to_string());
                return Err(Over::Refused(refusal));
            }
        };
        self.outgoing.put_content(Content {
            id: Some(message::content_id((object, version))),
            kind: message::kind(path.kind).into(),
            namespace: path.namespace.to_string(),
            cluster_id: cipher.cluster().as_bytes().to_vec(),
            size_bytes: size.get().into(),
            record: payload.record,
            encapsulated_key: sealed.encapsulated_key.to_vec(),
            sealed_data_key: sealed.ciphertext,
        });
        Ok(())
    }

    async fn send_if_full(&mut self) -> Result<(), Over> {
        if self.outgoing.is_full() {
            self.send(false).await
        } else {
            Ok(())
        }
    }

    async fn send(&mut self, complete: bool) -> Result<(), Over> {
        let applies_to = self.sequence;
        self.sequence += 1;
        let message = SessionResponse {
            applies_to,
            results_in: self.sequence,
            start: core::mem::take(&mut self.start),
            complete,
            ..self.outgoing.take()
        };
        match timeout(DEADLINE, self.sender.send(Ok(message))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::Gone),
            Err(_) => {
                tracing::warn!("an agent is too slow: its session ends");
                Err(Over::Gone)
            }
        }
    }
}

fn snapshot(state: &State, service: &Service) -> Snapshot {
    let content = |reference: &Reference| {
        let version = state.version(reference.object, reference.version)?;
        let path = version_path(&service.namespace, reference);
        Some(((path.object, path.version), (path, version.size)))
    };
    Snapshot {
        service: service.clone(),
        assignment: message::assignment(state, service),
        contents: service
            .files
            .references()
            .iter()
            .filter_map(content)
            .collect(),
    }
}

/// A service's sources are in its own namespace.
fn version_path(namespace: &Namespace, reference: &Reference) -> VersionPath {
    VersionPath {
        kind: reference.kind,
        namespace: namespace.clone(),
        object: reference.object,
        version: reference.version,
    }
}
