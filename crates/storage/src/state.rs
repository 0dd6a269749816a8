//! The state machine's records and payloads on disk, and where it stands.
//!
//! One column family holds the encrypted records, two more the payloads and their wrapped data keys, and the default
//! one the meta record: the index that was applied, the membership, and the [`StateRoot`]. Each
//! [`commit`](StateStore::commit) writes all of them in one batch.

mod place;
mod recover;
mod root;
mod snapshot;

use crate::cipher::{StatePlace, StoreKeys};
use crate::error::{Damage, ReadError, WriteError};
use crate::format::{LogPosition, Membership, StateMeta};
use rocksdb::{ColumnFamily, DB, WriteBatch};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use strongroom_model::{ObjectId, Version};
use strongroom_state::{EncryptedPayload, Record, RecordKey};

pub(crate) use recover::{create, recover};
pub use root::StateRoot;
pub use snapshot::Snapshot;

/// The column families beside the default one.
const FAMILIES: [&str; 3] = [RECORDS, PAYLOADS, DATA_KEYS];
const RECORDS: &str = "records";
const PAYLOADS: &str = "payloads";
const DATA_KEYS: &str = "data-keys";
const IDENTITY_KEY: &[u8] = &[0, 0];
const META_KEY: &[u8] = &[0, 1];

/// The state database.
pub struct StateStore {
    db: DB,
    keys: Arc<StoreKeys>,
    meta: Mutex<StateMeta>,
    snapshots: PathBuf,
}

/// Where the state stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last entry that was applied.
    pub position: Option<LogPosition>,
    /// The entry that the membership comes from.
    pub membership_at: Option<LogPosition>,
    /// Who takes part.
    pub membership: Membership,
}

/// One change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateWrite {
    /// Puts a record, over what was there.
    Put(Record),
    /// Deletes a record.
    Delete(RecordKey),
    /// Puts a payload and its wrapped data key.
    PutPayload(ObjectId, Version, EncryptedPayload),
    /// Deletes both.
    DeletePayload(ObjectId, Version),
}

/// The last write to each key counts.
#[derive(Default)]
struct Changes {
    records: BTreeMap<RecordKey, Option<Record>>,
    payloads: BTreeMap<(ObjectId, Version), Option<EncryptedPayload>>,
}

impl StateStore {
    /// Where the state stands.
    #[must_use]
    pub fn applied(&self) -> Progress {
        let meta = self.meta();
        Progress {
            position: meta.applied,
            membership_at: meta.membership_at,
            membership: meta.membership.clone(),
        }
    }

    /// The sum over all records and payloads: equal on members that have applied the same entries.
    #[must_use]
    pub fn root(&self) -> StateRoot {
        StateRoot::from_bytes(self.meta().root)
    }

    /// Writes the changes of the entries up to `applied` in one batch, without syncing: the log has the entries.
    ///
    /// # Errors
    /// [`WriteError`]. What is in memory is ahead of the disk then, and the member must stop.
    pub fn commit(&self, writes: Vec<StateWrite>, applied: &Progress) -> Result<(), WriteError> {
        let mut meta = self.meta();
        let mut batch = WriteBatch::default();
        let mut root = StateRoot::from_bytes(meta.root);
        let changes = Changes::collect(writes);
        for (key, record) in changes.records {
            self.change_record(&mut batch, &mut root, key, record)?;
        }
        for ((object, version), payload) in changes.payloads {
            self.change_payload(&mut batch, &mut root, (object, version), payload)?;
        }
        let next = StateMeta {
            applied: applied.position,
            membership_at: applied.membership_at,
            membership: applied.membership.clone(),
            root: root.to_bytes(),
        };
        batch.put(
            META_KEY,
            self.keys.encrypt_state(&StatePlace::META, &next.encode())?,
        );
        self.db.write(batch)?;
        *meta = next;
        Ok(())
    }

    /// A version's ciphertext, `None` where there is none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn payload(
        &self,
        object: ObjectId,
        version: Version,
    ) -> Result<Option<EncryptedPayload>, ReadError> {
        let key = place::payload_key(object, version);
        let record = self.db.get_cf(self.family(PAYLOADS), &key)?;
        let wrapped_data_key = self.db.get_cf(self.family(DATA_KEYS), &key)?;
        match (record, wrapped_data_key) {
            (Some(record), Some(wrapped_data_key)) => Ok(Some(EncryptedPayload {
                wrapped_data_key,
                record,
            })),
            (None, None) => Ok(None),
            _ => Err(Damage::Missing("a payload or its data key").into()),
        }
    }

    /// Writes what is in memory to tables and syncs them.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn flush(&self) -> Result<(), WriteError> {
        let mut options = rocksdb::FlushOptions::default();
        options.set_wait(true);
        let mut families = vec![self.family("default")];
        families.extend(FAMILIES.map(|name| self.family(name)));
        Ok(self.db.flush_cfs_opt(&families, &options)?)
    }

    fn change_record(
        &self,
        batch: &mut WriteBatch,
        root: &mut StateRoot,
        key: RecordKey,
        record: Option<Record>,
    ) -> Result<(), WriteError> {
        let place = place::record(key);
        let disk_key = place::record_key(key);
        let family = self.family(RECORDS);
        if let Some(bytes) = self.db.get_pinned_cf(family, &disk_key)? {
            let plain = self.keys.decrypt_state(&place, &bytes)?;
            root.remove(&self.keys, &disk_key, &[plain.expose()]);
        }
        match record {
            Some(record) => {
                let plain = strongroom_codec::encode_record(&record);
                root.add(&self.keys, &disk_key, &[&plain]);
                batch.put_cf(family, &disk_key, self.keys.encrypt_state(&place, &plain)?);
            }
            None => batch.delete_cf(family, &disk_key),
        }
        Ok(())
    }

    fn change_payload(
        &self,
        batch: &mut WriteBatch,
        root: &mut StateRoot,
        (object, version): (ObjectId, Version),
        payload: Option<EncryptedPayload>,
    ) -> Result<(), WriteError> {
        let disk_key = place::payload_key(object, version);
        if let Some(old) = self.payload(object, version)? {
            root.remove(&self.keys, &disk_key, &[&old.wrapped_data_key, &old.record]);
        }
        let (payloads, data_keys) = (self.family(PAYLOADS), self.family(DATA_KEYS));
        match payload {
            Some(payload) => {
                root.add(
                    &self.keys,
                    &disk_key,
                    &[&payload.wrapped_data_key, &payload.record],
                );
                batch.put_cf(payloads, &disk_key, payload.record);
                batch.put_cf(data_keys, &disk_key, payload.wrapped_data_key);
            }
            None => {
                batch.delete_cf(payloads, &disk_key);
                batch.delete_cf(data_keys, &disk_key);
            }
        }
        Ok(())
    }

    fn family(&self, name: &str) -> &ColumnFamily {
        self.db
            .cf_handle(name)
            .expect("the database was opened with its families")
    }

    fn meta(&self) -> MutexGuard<'_, StateMeta> {
        // Replaced as a whole after the batch was written, so that a panic leaves the old one.
        self.meta.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for StateStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateStore").finish_non_exhaustive()
    }
}

impl Changes {
    fn collect(writes: Vec<StateWrite>) -> Self {
        let mut changes = Self::default();
        for write in writes {
            match write {
                StateWrite::Put(record) => {
                    changes.records.insert(record.key(), Some(record));
                }
                StateWrite::Delete(key) => {
                    changes.records.insert(key, None);
                }
                StateWrite::PutPayload(object, version, payload) => {
                    changes.payloads.insert((object, version), Some(payload));
                }
                StateWrite::DeletePayload(object, version) => {
                    changes.payloads.insert((object, version), None);
                }
            }
        }
        changes
    }
}
