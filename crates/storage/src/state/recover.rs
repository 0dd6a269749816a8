//! The state at start: every record is read, decrypted and counted into the root, which must be the one that is stored.

use super::{
    DATA_KEYS, FAMILIES, IDENTITY_KEY, META_KEY, PAYLOADS, Progress, RECORDS, StateRoot,
    StateStore, place,
};
use crate::cipher::{StatePlace, StoreKeys};
use crate::error::{CreateError, Damage, OpenError, ReadError, WriteError, one_line};
use crate::format::{Membership, StateMeta};
use crate::rocks::Place;
use rocksdb::{Cache, DB, DBRawIterator, ReadOptions, WriteBatch};
use std::sync::{Arc, Mutex};
use strongroom_state::{Record, State};

/// Makes an empty state.
pub(crate) fn create(place: &Place, cache: &Cache, keys: &StoreKeys) -> Result<(), CreateError> {
    let db = place.create(crate::options::state(cache), &FAMILIES)?;
    write_first_records(&db, keys).map_err(|error| CreateError::Write {
        dir: place.data_dir.clone(),
        detail: one_line(error),
    })
}

fn write_first_records(db: &DB, keys: &StoreKeys) -> Result<(), WriteError> {
    let meta = StateMeta {
        applied: None,
        membership_at: None,
        membership: Membership::default(),
        root: StateRoot::EMPTY.to_bytes(),
    };
    let mut batch = WriteBatch::default();
    batch.put(
        IDENTITY_KEY,
        keys.encrypt_state(&StatePlace::IDENTITY, &[])?,
    );
    batch.put(
        META_KEY,
        keys.encrypt_state(&StatePlace::META, &meta.encode())?,
    );
    db.write_opt(batch, &crate::options::synced())?;
    Ok(db.flush()?)
}

/// Opens the state and loads it.
pub(crate) fn recover(
    place: &Place,
    cache: &Cache,
    keys: Arc<StoreKeys>,
) -> Result<(StateStore, State), OpenError> {
    let db = place.open(crate::options::state(cache), &FAMILIES)?;
    identify(&db, place, &keys)?;
    let (meta, records) = read_all(&db, &keys).map_err(|error| place.unreadable(error))?;
    let state =
        State::restore(records).map_err(|error| place.damaged(Damage::State(one_line(error))))?;
    let store = StateStore {
        db,
        keys,
        meta: Mutex::new(meta),
        snapshots: place.data_dir.join("snapshot"),
    };
    Ok((store, state))
}

/// Where the state of a checkpoint stands, after all of it was read and found to be whole.
pub(super) fn verify(db: &DB, keys: &StoreKeys) -> Result<Progress, ReadError> {
    let (meta, _) = read_all(db, keys)?;
    Ok(Progress {
        position: meta.applied,
        membership_at: meta.membership_at,
        membership: meta.membership,
    })
}

/// The first record that is decrypted: failing here means another key, failing later means damage.
fn identify(db: &DB, place: &Place, keys: &StoreKeys) -> Result<(), OpenError> {
    let identity = StatePlace::IDENTITY;
    let bytes = db
        .get(IDENTITY_KEY)
        .map_err(|error| place.unreadable(error.into()))?;
    let bytes = bytes.ok_or_else(|| place.damaged(Damage::Missing(identity.name)))?;
    match keys.decrypt_state(&identity, &bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(OpenError::WrongKey(place.data_dir.clone())),
    }
}

fn read_all(db: &DB, keys: &StoreKeys) -> Result<(StateMeta, Vec<Record>), ReadError> {
    let meta = db
        .get(META_KEY)?
        .ok_or(Damage::Missing(StatePlace::META.name))?;
    let plain = keys.decrypt_state(&StatePlace::META, &meta)?;
    let meta =
        StateMeta::decode(plain.expose()).map_err(|_| Damage::Record(StatePlace::META.name))?;
    let mut root = StateRoot::EMPTY;
    let records = read_records(db, keys, &mut root)?;
    count_payloads(db, keys, &mut root)?;
    if root.to_bytes() == meta.root {
        Ok((meta, records))
    } else {
        Err(Damage::StateRoot.into())
    }
}

fn read_records(db: &DB, keys: &StoreKeys, root: &mut StateRoot) -> Result<Vec<Record>, ReadError> {
    let mut records = Vec::new();
    let mut items = scan(db, RECORDS);
    while let Some((disk_key, bytes)) = items.item() {
        let key = place::parse_record_key(disk_key).ok_or(Damage::Record("the key of a record"))?;
        let at = place::record(key);
        let plain = keys.decrypt_state(&at, bytes)?;
        let record = strongroom_codec::decode_record(plain.expose())
            .ok()
            .filter(|record| record.key() == key)
            .ok_or(Damage::Record(at.name))?;
        root.add(keys, disk_key, &[plain.expose()]);
        records.push(record);
        items.next();
    }
    items.status()?;
    Ok(records)
}

/// Both families have the same keys, so they are read side by side.
fn count_payloads(db: &DB, keys: &StoreKeys, root: &mut StateRoot) -> Result<(), ReadError> {
    let mut payloads = scan(db, PAYLOADS);
    let mut data_keys = scan(db, DATA_KEYS);
    loop {
        match (payloads.item(), data_keys.item()) {
            (Some((key, payload)), Some((same, data_key))) if key == same => {
                root.add(keys, key, &[data_key, payload]);
            }
            (None, None) => break,
            _ => return Err(Damage::Missing("a payload or its data key").into()),
        }
        payloads.next();
        data_keys.next();
    }
    payloads.status()?;
    data_keys.status()?;
    Ok(())
}

/// From the first key to the last, checksums verified, without displacing what is cached.
fn scan<'a>(db: &'a DB, family: &str) -> DBRawIterator<'a> {
    let mut options = ReadOptions::default();
    options.set_verify_checksums(true);
    options.fill_cache(false);
    let family = db
        .cf_handle(family)
        .expect("the database was opened with its families");
    let mut items = db.raw_iterator_cf_opt(family, options);
    items.seek_to_first();
    items
}
