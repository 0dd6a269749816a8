//! The log at start: every entry is read, and must continue the one before.

use super::{Log, decode_entry};
use crate::cipher::{LogRecord, StoreKeys};
use crate::error::{CreateError, Damage, OpenError, ReadError, WriteError, one_line};
use crate::format::{Anchor, LogPosition, Vote};
use crate::rocks::Place;
use rocksdb::{Cache, DB, Direction, IteratorMode, ReadOptions};
use std::sync::Arc;

/// What the log database says.
pub(super) struct Recovered {
    pub(super) purged: Anchor,
    pub(super) head: Anchor,
    pub(super) vote: Option<Vote>,
    pub(super) committed: Option<LogPosition>,
    /// Of all entries, encrypted.
    pub(super) bytes: u64,
}

/// Makes an empty log.
pub(crate) fn create(place: &Place, cache: &Cache, keys: &StoreKeys) -> Result<(), CreateError> {
    let db = place.create(crate::options::log(cache), &[])?;
    write_first_records(&db, keys).map_err(|error| CreateError::Write {
        dir: place.data_dir.clone(),
        detail: one_line(error),
    })
}

fn write_first_records(db: &DB, keys: &StoreKeys) -> Result<(), WriteError> {
    let start = Anchor::START.encode();
    let mut batch = rocksdb::WriteBatch::default();
    for (record, plain) in [
        (LogRecord::Identity, &[][..]),
        (LogRecord::Head, &start),
        (LogRecord::Purged, &start),
    ] {
        batch.put(record.key(), keys.encrypt_log(record, plain)?);
    }
    db.write_opt(batch, &crate::options::synced())?;
    Ok(db.flush()?)
}

/// Opens the log and starts its writer.
pub(crate) fn recover(
    place: &Place,
    cache: &Cache,
    keys: Arc<StoreKeys>,
) -> Result<Log, OpenError> {
    let db = place.open(crate::options::log(cache), &[])?;
    identify(&db, place, &keys)?;
    let found = read_all(&db, &keys).map_err(|error| place.unreadable(error))?;
    Log::start(db, keys, found).map_err(|error| OpenError::Io {
        dir: place.data_dir.clone(),
        detail: one_line(error),
    })
}

/// The first record that is decrypted: failing here means another key, failing later means damage.
fn identify(db: &DB, place: &Place, keys: &StoreKeys) -> Result<(), OpenError> {
    let record = LogRecord::Identity;
    let bytes = db
        .get(record.key())
        .map_err(|error| place.unreadable(error.into()))?;
    let bytes = bytes.ok_or_else(|| place.damaged(Damage::Missing(record.name())))?;
    match keys.decrypt_log(record, &bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(OpenError::WrongKey(place.data_dir.clone())),
    }
}

fn read_all(db: &DB, keys: &StoreKeys) -> Result<Recovered, ReadError> {
    let purged = anchor(db, keys, LogRecord::Purged)?;
    let head = anchor(db, keys, LogRecord::Head)?;
    let (last, bytes) = follow_chain(db, keys, purged)?;
    if head != last {
        return Err(Damage::LogEnd {
            found: last.next_index().saturating_sub(1),
            expected: head.next_index().saturating_sub(1),
        }
        .into());
    }
    let vote = match record(db, keys, LogRecord::Vote)? {
        Some(plain) => Some(decoded(LogRecord::Vote, Vote::decode(plain.expose()))?),
        None => None,
    };
    if vote.map(|vote| vote.term) < last.position.map(|position| position.term) {
        return Err(Damage::VoteBehindLog.into());
    }
    let committed = match record(db, keys, LogRecord::Committed)? {
        Some(plain) => decoded(LogRecord::Committed, Anchor::decode(plain.expose()))?.position,
        None => None,
    };
    Ok(Recovered {
        purged,
        head: last,
        vote,
        committed: committed.min(last.position),
        bytes,
    })
}

/// Reads the entries after `purged` and returns where the last one leaves the log, and their bytes.
fn follow_chain(db: &DB, keys: &StoreKeys, purged: Anchor) -> Result<(Anchor, u64), ReadError> {
    let mut options = ReadOptions::default();
    options.set_verify_checksums(true);
    options.fill_cache(false);
    let start = LogRecord::Entry(0).key();
    let mut last = purged;
    let mut total = 0;
    for item in db.iterator_opt(IteratorMode::From(&start, Direction::Forward), options) {
        let (key, bytes) = item?;
        let Some(index) = entry_index(&key) else {
            break;
        };
        let expected = last.next_index();
        if index < expected {
            return Err(Damage::LogChain(index).into());
        }
        if index > expected {
            return Err(Damage::LogGap(expected).into());
        }
        let (chain, entry) = decode_entry(keys, index, &bytes)?;
        if chain != last.chain || Some(entry.position) <= last.position {
            return Err(Damage::LogChain(index).into());
        }
        last = Anchor {
            position: Some(entry.position),
            chain: keys.chain(&entry.encode(&chain)),
        };
        total += bytes.len() as u64;
    }
    Ok((last, total))
}

/// Only entries and [`FORMAT_KEY`](crate::rocks::FORMAT_KEY) sort from the first entry's key on.
fn entry_index(key: &[u8]) -> Option<u64> {
    let (1, index) = key.split_first()? else {
        return None;
    };
    index.try_into().ok().map(u64::from_be_bytes)
}

fn anchor(db: &DB, keys: &StoreKeys, which: LogRecord) -> Result<Anchor, ReadError> {
    let plain = record(db, keys, which)?.ok_or_else(|| Damage::Missing(which.name()))?;
    decoded(which, Anchor::decode(plain.expose()))
}

fn record(
    db: &DB,
    keys: &StoreKeys,
    which: LogRecord,
) -> Result<Option<strongroom_sensitive::SecretBytes>, ReadError> {
    match db.get(which.key())? {
        Some(bytes) => keys.decrypt_log(which, &bytes).map(Some),
        None => Ok(None),
    }
}

fn decoded<T, E>(which: LogRecord, result: Result<T, E>) -> Result<T, ReadError> {
    result.map_err(|_| Damage::Record(which.name()).into())
}
