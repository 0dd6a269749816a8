//! Questions about secrets and configs, and a config's bytes.

use super::Vault;
use super::cipher::VersionPath;
use crate::{page, peer::Administrator, refusals};
use strongroom_api::{
    Refusal,
    request::{ListObjects, ObjectPath, ReadVersion},
};
use strongroom_model::{PayloadSize, Version, VersionRequest, VersionState};
use strongroom_sensitive::SecretBytes;
use strongroom_state::{Filter, Object, ObjectVersion, PageToken, Rejection, State};

/// An object and its newest version.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// The object.
    pub(crate) object: Object,
    /// The highest version that is listed.
    pub(crate) latest: Version,
    /// Its size.
    pub(crate) size: PayloadSize,
}

/// The bytes of one version of a config.
#[derive(Debug)]
pub(crate) struct Bytes {
    /// Which version.
    pub(crate) version: Version,
    /// In clear.
    pub(crate) payload: SecretBytes,
}

impl Described {
    /// `None` for an object without versions, of which there is none.
    pub(super) fn of(state: &State, object: &Object) -> Option<Self> {
        let newest = state.newest(object.id)?;
        Some(Self {
            object: object.clone(),
            latest: newest.number,
            size: newest.size,
        })
    }

    /// As it was when that version was the newest. `None` where the version has been removed since.
    pub(super) fn at(state: &State, object: &Object, latest: Version) -> Option<Self> {
        Some(Self {
            object: object.clone(),
            latest,
            size: state.version(object.id, latest)?.size,
        })
    }

    /// Roughly the bytes of its message.
    fn weight(object: &Object) -> usize {
        let labels = object
            .labels
            .iter()
            .map(|(key, value)| key.len() + value.len() + 8);
        160 + object.name.as_str().len() + labels.sum::<usize>()
    }
}

impl Vault {
    /// One object.
    pub(crate) async fn describe(
        &self,
        administrator: Administrator,
        ask: &ObjectPath,
    ) -> Result<Described, Refusal> {
        let described = self.settled(administrator, |state| {
            let object = state.find_object(ask.kind, &ask.namespace, &ask.name)?;
            Described::of(state, object).ok_or(Rejection::Raced)
        });
        described.await?.map_err(refusals::rejected)
    }

    /// A page of the objects of one kind, and the token of the next one.
    pub(crate) async fn list(
        &self,
        administrator: Administrator,
        ask: ListObjects,
    ) -> Result<(Vec<Described>, Option<PageToken>), Refusal> {
        let ListObjects {
            kind,
            namespace,
            filter,
            page,
        } = ask;
        let after = page.token.as_deref().map(PageToken::parse);
        let after = after.transpose().map_err(refusals::no_page)?;
        let filter = Filter {
            name_prefixes: filter.name_prefixes,
            labels: filter.labels,
        };
        self.settled(administrator, |state| {
            let objects = |limit| state.objects(kind, &namespace, &filter, after.as_ref(), limit);
            let page = page::fitting(objects, page.size, Described::weight);
            let described = page
                .items
                .iter()
                .filter_map(|object| Described::of(state, object));
            (described.collect(), page.next)
        })
        .await
    }

    /// An object's versions, oldest first.
    pub(crate) async fn versions(
        &self,
        administrator: Administrator,
        ask: &ObjectPath,
    ) -> Result<Vec<ObjectVersion>, Refusal> {
        let versions = self.settled(administrator, |state| {
            let object = state.find_object(ask.kind, &ask.namespace, &ask.name)?;
            Ok(state.versions(object.id).cloned().collect())
        });
        versions.await?.map_err(refusals::rejected)
    }

    /// A config with its newest bytes, `None` where those are destroyed.
    pub(crate) async fn describe_with_bytes(
        &self,
        administrator: Administrator,
        ask: &ObjectPath,
    ) -> Result<(Described, Option<SecretBytes>), Refusal> {
        let described = self.describe(administrator, ask).await?;
        let id = described.object.id;
        let version = self
            .consensus
            .read(|state| state.version(id, described.latest).cloned());
        let enabled = version.filter(|version| version.state == VersionState::Enabled);
        let bytes = match enabled {
            Some(version) => Some(self.bytes(&described.object, &version).await?),
            None => None,
        };
        Ok((described, bytes))
    }

    /// The bytes of one version of a config.
    pub(crate) async fn read(
        &self,
        administrator: Administrator,
        ask: &ReadVersion,
    ) -> Result<Bytes, Refusal> {
        let ReadVersion { path, version } = ask;
        let found = self.settled(administrator, |state| {
            let object = state.find_object(path.kind, &path.namespace, &path.name)?;
            Ok((object.clone(), readable(state, object, *version)?))
        });
        let (object, version) = found.await?.map_err(refusals::rejected)?;
        let payload = self.bytes(&object, &version).await?;
        Ok(Bytes {
            version: version.number,
            payload,
        })
    }

    async fn bytes(
        &self,
        object: &Object,
        version: &ObjectVersion,
    ) -> Result<SecretBytes, Refusal> {
        let (id, number) = (object.id, version.number);
        let stored = self.consensus.payload(id, number);
        let Ok(Some(payload)) = stored else {
            return Err(self.missing(object, number));
        };
        let path = VersionPath {
            kind: object.kind,
            namespace: object.namespace.clone(),
            object: id,
            version: number,
        };
        self.cipher.decrypt(path, version.size, payload).await
    }

    /// Bytes can go between the look at the state and the look at the disk; otherwise the store is damaged.
    fn missing(&self, object: &Object, number: Version) -> Refusal {
        let number = VersionRequest::Number(number);
        let readable = self.consensus.read(|state| readable(state, object, number));
        match readable {
            Ok(version) => refusals::damaged(object.id, version.number),
            Err(rejection) => refusals::rejected(rejection),
        }
    }
}

/// The version, if its bytes may still be read.
fn readable(
    state: &State,
    object: &Object,
    version: VersionRequest,
) -> Result<ObjectVersion, Rejection> {
    let version = state.find_version(object, version)?;
    if version.state != VersionState::Enabled {
        return Err(Rejection::Destroyed {
            kind: object.kind,
            name: object.name.to_string(),
            version: version.number,
            state: version.state,
        });
    }
    Ok(version.clone())
}
