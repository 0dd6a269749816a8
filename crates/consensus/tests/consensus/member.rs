//! A data directory, the keys that open it, and what is put into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use strongroom_consensus::{Consensus, ProposeError};
use strongroom_crypto::{KeyFile, NewSlot, SealKey, SystemRandom, UnsealMaterial};
use strongroom_model::{
    ClusterId, Kind, MemberId, Name, Namespace, ObjectId, PayloadSize, RequestId, Timestamp,
    Version,
};
use strongroom_sensitive::SecretBytes;
use strongroom_state::{
    AddVersion, Change, Command, Digest, EncryptedPayload, Intent, Rejection, Response,
};
use strongroom_storage::{OpenError, Store, StoreKeys};
use tempfile::TempDir;

pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A data directory on a real file system, with `keys` and `seal` beside it for other processes.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    _dir: Option<TempDir>,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = dir.path().to_owned();
        Self::at(path, Some(dir))
    }

    fn at(path: PathBuf, dir: Option<TempDir>) -> Self {
        let key = SealKey::generate(&mut SystemRandom).unwrap();
        let slot = NewSlot::KeyFile(&key);
        let cluster = ClusterId::from_bytes([7; 16]);
        let (file, _) = KeyFile::create(cluster, MemberId(1), &[slot], &mut SystemRandom).unwrap();
        std::fs::create_dir_all(path.join("data")).unwrap();
        std::fs::write(path.join("keys"), strongroom_codec::encode_key_file(&file)).unwrap();
        std::fs::write(path.join("seal"), key.expose()).unwrap();
        Self { path, _dir: dir }
    }

    /// On the file system that is mounted at `path`.
    pub(crate) fn on(path: &Path) -> Self {
        Self::at(path.join("store"), None)
    }

    /// That another process has made.
    pub(crate) fn existing(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            _dir: None,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(crate) fn keys(&self) -> StoreKeys {
        let file = std::fs::read(self.path.join("keys")).unwrap();
        let file = strongroom_codec::decode_key_file(&file).unwrap();
        let key = SecretBytes::from_vec(std::fs::read(self.path.join("seal")).unwrap());
        let key = SealKey::from_bytes(&key).unwrap();
        let unsealed = file.unseal(UnsealMaterial::KeyFile(&key)).unwrap();
        StoreKeys {
            cluster: file.cluster,
            member: file.member,
            storage: unsealed.storage_key,
            keyring: Arc::new(unsealed.keyring),
        }
    }

    pub(crate) async fn create(&self) -> Consensus {
        let (store, state) = Store::create(&self.data(), self.keys()).unwrap();
        Consensus::create(store, state).await.unwrap()
    }

    pub(crate) async fn start(&self) -> Consensus {
        let (store, state) = self.open().unwrap();
        Consensus::start(store, state).await.unwrap()
    }

    pub(crate) fn open(&self) -> Result<(Store, strongroom_state::State), OpenError> {
        Store::open(&self.data(), self.keys())
    }
}

pub(crate) async fn stop(consensus: Consensus) {
    consensus.shutdown().await;
    drop(consensus);
}

/// Puts a secret whose name, id and bytes follow from `number`.
pub(crate) async fn put(consensus: &Consensus, number: u32) {
    put_sized(consensus, number, 1024).await.unwrap();
}

pub(crate) async fn put_sized(
    consensus: &Consensus,
    number: u32,
    size: usize,
) -> Result<(), ProposeError> {
    let outcome = consensus.propose(&command(number, size)).await?;
    let added = Response::Version {
        object: id(number),
        version: Version::FIRST,
        added: true,
    };
    assert_eq!(outcome, Ok::<_, Rejection>(added));
    Ok(())
}

/// Asserts that the state lists the secret, and the disk has its bytes.
pub(crate) fn assert_has(consensus: &Consensus, number: u32, size: usize) {
    let listed = consensus.read(|state| state.object(id(number)).is_some());
    assert!(listed, "secret {number} was acknowledged and is not listed");
    let payload = consensus.payload(id(number), Version::FIRST).unwrap();
    assert_eq!(
        payload,
        Some(ciphertext(number, size)),
        "bytes of secret {number}"
    );
}

pub(crate) fn id(number: u32) -> ObjectId {
    ObjectId::from_bytes((u128::from(number) + 1).to_be_bytes())
}

/// Stands for ciphertext: consensus takes payloads as they come.
pub(crate) fn ciphertext(number: u32, size: usize) -> EncryptedPayload {
    let seed = number.wrapping_mul(2_654_435_761);
    let bytes = (0u32..).map(|at| (at.wrapping_mul(seed | 1) >> 7).to_le_bytes()[0]);
    EncryptedPayload {
        wrapped_data_key: vec![seed.to_le_bytes()[0]; 150],
        record: bytes.take(size).collect(),
    }
}

pub(crate) fn command(number: u32, size: usize) -> Command {
    Command {
        request: Some(RequestId::from_bytes(u128::from(number).to_be_bytes())),
        time: Timestamp::from_millis(1_000 + u64::from(number)),
        change: Change::AddVersion(AddVersion {
            intent: Intent::Create,
            kind: Kind::Secret,
            namespace: Namespace::parse("default").unwrap(),
            name: Name::parse(&format!("canary-{number}")).unwrap(),
            object: id(number),
            version: Version::FIRST,
            labels: None,
            if_version: None,
            digest: Digest([number.to_le_bytes()[0]; 32]),
            size: PayloadSize::new(Kind::Secret, size.min(1000)).unwrap(),
            payload: ciphertext(number, size),
        }),
    }
}
