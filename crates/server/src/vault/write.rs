//! Changes of secrets and configs.

use super::cipher::VersionPath;
use super::{Described, Vault, draw_id};
use crate::{peer::Administrator, refusals};
use std::sync::Arc;
use strongroom_api::{
    Refusal,
    request::{ChangeLabels, ObjectPath, OnObject, OnVersion, WriteIntent, WriteVersion},
    v1::ErrorReason,
};
use strongroom_model::{ObjectId, Version, VersionRequest};
use strongroom_state::{AddVersion, Change, Intent, ObjectVersion, Rejection, Response};

/// How often a payload is encrypted anew because another write came between. Writers of one name take turns, so that
/// only a removal of the name, or a change of the leader, can come between.
const ATTEMPTS: usize = 8;

/// What came of a write.
#[derive(Debug)]
pub(crate) struct Written {
    /// The object; its newest version is the one that the write left.
    pub(crate) object: Described,
    /// False where the newest version already had the bytes.
    pub(crate) added: bool,
}

impl Vault {
    /// Encrypts the bytes for the version that they will be, and proposes them.
    pub(crate) async fn write(
        &self,
        administrator: Administrator,
        write: WriteVersion,
    ) -> Result<Written, Refusal> {
        let _turn = self.turns.take(&write.path).await;
        let payload = Arc::new(write.payload);
        for _ in 0..ATTEMPTS {
            let (object, version) = self.expected(&write.path)?;
            let path = VersionPath::new(&write.path, object, version);
            let encrypted = self.cipher.encrypt(path, &payload).await?;
            let change = Change::AddVersion(AddVersion {
                intent: intent(write.intent),
                kind: write.path.kind,
                namespace: write.path.namespace.clone(),
                name: write.path.name.clone(),
                object,
                version,
                labels: write.labels.clone(),
                if_version: write.if_version,
                digest: encrypted.digest,
                size: write.size,
                payload: encrypted.payload,
            });
            match self.propose(administrator, write.request, change).await? {
                Err(Rejection::Raced) => {}
                Err(rejection) => return Err(refusals::rejected(rejection)),
                Ok(response) => return self.written(response),
            }
        }
        let message = format!(
            "{} {:?} is changing too fast: try again",
            write.path.kind,
            write.path.name.as_str()
        );
        Err(Refusal::new(ErrorReason::Busy, message))
    }

    /// What the next version under a name is bound to. A guess: apply checks it.
    fn expected(&self, path: &ObjectPath) -> Result<(ObjectId, Version), Refusal> {
        let next = |state: &strongroom_state::State| {
            state.next_version(path.kind, &path.namespace, &path.name)
        };
        let (object, version) = self.consensus.read(next);
        let object = match object {
            Some(object) => object,
            None => ObjectId::from_bytes(draw_id()?),
        };
        Ok((object, version))
    }

    fn written(&self, response: Response) -> Result<Written, Refusal> {
        let Response::Version {
            object: id,
            version,
            added,
        } = response
        else {
            return Err(refusals::unexpected());
        };
        let described = self.consensus.read(|state| {
            state
                .object(id)
                .and_then(|object| Described::at(state, object, version))
        });
        // A retry can come after somebody has removed what the first attempt made, and others may have put newer
        // versions meanwhile: the writer is told of the version that holds its bytes.
        let object = described.ok_or_else(|| {
            Refusal::new(
                ErrorReason::NotFound,
                format!("{id} was written, and has been removed since"),
            )
        })?;
        Ok(Written { object, added })
    }

    /// Changes an object's labels.
    pub(crate) async fn change_labels(
        &self,
        administrator: Administrator,
        ask: ChangeLabels,
    ) -> Result<Described, Refusal> {
        let ChangeLabels {
            path,
            add,
            remove,
            request,
        } = ask;
        let change = Change::UpdateLabels {
            kind: path.kind,
            namespace: path.namespace.clone(),
            name: path.name.clone(),
            add,
            remove,
        };
        self.change(administrator, request, change).await?;
        let described = self.consensus.read(|state| {
            let object = state.find_object(path.kind, &path.namespace, &path.name)?;
            Described::of(state, object).ok_or(Rejection::Raced)
        });
        described.map_err(refusals::rejected)
    }

    /// Removes an object with all its versions.
    pub(crate) async fn remove_object(
        &self,
        administrator: Administrator,
        ask: OnObject,
    ) -> Result<(), Refusal> {
        let ObjectPath {
            kind,
            namespace,
            name,
        } = ask.path;
        let change = Change::RemoveObject {
            kind,
            namespace,
            name,
        };
        self.change(administrator, ask.request, change)
            .await
            .map(drop)
    }

    /// Removes one version.
    pub(crate) async fn remove_version(
        &self,
        administrator: Administrator,
        ask: OnVersion,
    ) -> Result<(), Refusal> {
        let OnVersion {
            path:
                ObjectPath {
                    kind,
                    namespace,
                    name,
                },
            version,
            request,
        } = ask;
        let change = Change::RemoveVersion {
            kind,
            namespace,
            name,
            version,
        };
        self.change(administrator, request, change).await.map(drop)
    }

    /// Ends access to one version, which stays listed.
    pub(crate) async fn destroy_version(
        &self,
        administrator: Administrator,
        ask: OnVersion,
    ) -> Result<ObjectVersion, Refusal> {
        let OnVersion {
            path,
            version,
            request,
        } = ask;
        let ObjectPath {
            kind,
            namespace,
            name,
        } = path.clone();
        let change = Change::DestroyVersion {
            kind,
            namespace,
            name,
            version,
        };
        self.change(administrator, request, change).await?;
        let destroyed = self.consensus.read(|state| {
            let object = state.find_object(path.kind, &path.namespace, &path.name)?;
            state
                .find_version(object, VersionRequest::Number(version))
                .cloned()
        });
        destroyed.map_err(refusals::rejected)
    }
}

const fn intent(intent: WriteIntent) -> Intent {
    match intent {
        WriteIntent::Create => Intent::Create,
        WriteIntent::Put => Intent::Put,
        WriteIntent::PutNew => Intent::PutNew,
    }
}
