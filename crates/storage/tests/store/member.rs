//! A member without Raft: it appends each command, waits for the disk, and applies it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use strongroom_crypto::{KeyFile, NewSlot, SealKey, SystemRandom, UnsealMaterial};
use strongroom_model::{
    ClusterId, Kind, MemberId, Name, Namespace, ObjectId, PayloadSize, RequestId, Timestamp,
    Version,
};
use strongroom_state::{
    AddVersion, Change, Command, Digest, EncryptedPayload, Intent, State, Write,
};
use strongroom_storage::{
    Done, LogEntry, LogPayload, LogPosition, OpenError, StateWrite, Store, StoreKeys, Vote,
};
use tempfile::TempDir;

/// A data directory on a real file system, and the seal of its keys.
pub(crate) struct Folder {
    dir: TempDir,
    file: KeyFile,
    key: SealKey,
}

pub(crate) struct Member {
    pub(crate) store: Store,
    pub(crate) state: State,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let key = SealKey::generate(&mut SystemRandom).unwrap();
        let slot = NewSlot::KeyFile(&key);
        let cluster = ClusterId::from_bytes([7; 16]);
        let (file, _) = KeyFile::create(cluster, MemberId(1), &[slot], &mut SystemRandom).unwrap();
        let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self { dir, file, key }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn keys(&self) -> StoreKeys {
        let unsealed = self
            .file
            .unseal(UnsealMaterial::KeyFile(&self.key))
            .unwrap();
        StoreKeys {
            cluster: self.file.cluster,
            member: self.file.member,
            storage: unsealed.storage_key,
            keyring: Arc::new(unsealed.keyring),
        }
    }

    pub(crate) fn create(&self) -> Member {
        std::fs::create_dir_all(self.path()).unwrap();
        let (store, state) = Store::create(&self.path(), self.keys()).unwrap();
        let vote = Vote {
            term: 1,
            member: MemberId(1),
            committed: true,
        };
        wait(|done| store.log.save_vote(vote, done));
        Member { store, state }
    }

    pub(crate) fn open(&self) -> Result<Member, OpenError> {
        self.open_at(&self.path())
    }

    pub(crate) fn open_at(&self, path: &Path) -> Result<Member, OpenError> {
        let (store, state) = Store::open(path, self.keys())?;
        let mut member = Member { store, state };
        member.apply_rest();
        Ok(member)
    }

    /// A store with six secrets in tables, and two more in RocksDB's logs.
    pub(crate) fn filled(&self) {
        let mut member = self.create();
        for number in 0..6 {
            member.put(number);
        }
        member.store.close();
        drop(member);
        let mut member = self.open().unwrap();
        member.put(6);
        member.put(7);
        drop(member);
    }
}

impl Member {
    /// Puts a secret whose name and bytes follow from `number`.
    pub(crate) fn put(&mut self, number: u32) {
        self.propose(&put(number));
    }

    pub(crate) fn propose(&mut self, command: &Command) {
        let position = LogPosition {
            term: 1,
            index: self
                .store
                .log
                .bounds()
                .last
                .map_or(0, |last| last.index + 1),
        };
        let payload = LogPayload::Command(strongroom_codec::encode_command(command).into());
        let entry = LogEntry { position, payload };
        wait(|done| self.store.log.append(vec![entry], done));
        self.apply_rest();
    }

    /// What consensus does at start: entries that the state does not have yet are applied.
    pub(crate) fn apply_rest(&mut self) {
        let mut progress = self.store.state.applied();
        let next = progress.position.map_or(0, |position| position.index + 1);
        for entry in self.store.log.entries(next, u64::MAX).unwrap() {
            let LogPayload::Command(bytes) = &entry.payload else {
                panic!("only commands are appended here");
            };
            let command = strongroom_codec::decode_command(bytes).unwrap();
            let applied = self.state.apply(entry.position.index, &command);
            progress.position = Some(entry.position);
            let writes = applied
                .writes
                .into_iter()
                .map(|write| stored(write, &command))
                .collect();
            self.store.state.commit(writes, &progress).unwrap();
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .state
            .records()
            .filter_map(|record| match record {
                strongroom_state::Record::Object(object) => Some(object.name.as_str().to_owned()),
                _ => None,
            })
            .collect();
        names.sort();
        names
    }

    /// Asserts that the member has exactly the secrets below `count`, with the bytes that they were put with.
    pub(crate) fn assert_has(&self, count: u32) {
        assert_eq!(self.names(), (0..count).map(name).collect::<Vec<_>>());
        for number in 0..count {
            let payload = self
                .store
                .state
                .payload(id(number), Version::FIRST)
                .unwrap();
            assert_eq!(payload, Some(ciphertext(number)), "{number}");
        }
    }
}

pub(crate) fn name(number: u32) -> String {
    format!("name-canary-{number}")
}

pub(crate) fn id(number: u32) -> ObjectId {
    ObjectId::from_bytes((u128::from(number) + 1).to_be_bytes())
}

/// Stands for ciphertext: the store takes payloads as they come.
pub(crate) fn ciphertext(number: u32) -> EncryptedPayload {
    EncryptedPayload {
        wrapped_data_key: vec![byte(number) | 0x80; 100],
        record: (0..2000u32)
            .map(|at| byte(at.wrapping_mul(number + 3) >> 3))
            .collect(),
    }
}

fn byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

pub(crate) fn put(number: u32) -> Command {
    Command {
        request: Some(RequestId::from_bytes(u128::from(number).to_be_bytes())),
        time: Timestamp::from_millis(1_000 + u64::from(number)),
        change: Change::AddVersion(AddVersion {
            intent: Intent::Create,
            kind: Kind::Secret,
            namespace: Namespace::parse("default").unwrap(),
            name: Name::parse(&name(number)).unwrap(),
            object: id(number),
            version: Version::FIRST,
            labels: None,
            if_version: None,
            digest: Digest([byte(number); 32]),
            size: PayloadSize::new(Kind::Secret, 1900).unwrap(),
            payload: ciphertext(number),
        }),
    }
}

pub(crate) fn remove(number: u32) -> Command {
    Command {
        request: None,
        time: Timestamp::from_millis(9_000),
        change: Change::RemoveObject {
            kind: Kind::Secret,
            namespace: Namespace::parse("default").unwrap(),
            name: Name::parse(&name(number)).unwrap(),
        },
    }
}

pub(crate) fn stored(write: Write, command: &Command) -> StateWrite {
    match write {
        Write::Put(record) => StateWrite::Put(record),
        Write::Delete(key) => StateWrite::Delete(key),
        Write::DeletePayload(object, version) => StateWrite::DeletePayload(object, version),
        Write::PutPayload(object, version) => match &command.change {
            Change::AddVersion(add) => StateWrite::PutPayload(object, version, add.payload.clone()),
            other => panic!("{other:?} puts a payload"),
        },
    }
}

/// Waits until the disk has what `ask` asks for.
pub(crate) fn wait(ask: impl FnOnce(Done)) {
    let (tell, told) = channel();
    ask(Box::new(move |result| tell.send(result).unwrap()));
    told.recv().unwrap().unwrap();
}

/// Every file below `dir`, in order.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}
