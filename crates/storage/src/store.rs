//! Both databases together: made, opened, and checked against each other.

use crate::cipher::StoreKeys;
use crate::error::{CreateError, Damage, OpenError};
use crate::rocks::{Place, exists};
use crate::{Log, Space, StateStore, log, state};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use strongroom_model::{ClusterId, MemberId};
use strongroom_state::State;

/// An open store. Its parts are shared; the directory stays locked until the store is dropped.
#[derive(Debug)]
pub struct Store {
    /// The Raft log.
    pub log: Log,
    /// The state on disk.
    pub state: StateStore,
    /// The file system that both are on.
    pub space: Space,
    cluster: ClusterId,
    member: MemberId,
    _lock: OwnedFd,
}

impl Store {
    /// Makes an empty store below `dir`, which must hold neither database, and opens it.
    ///
    /// # Errors
    /// [`CreateError`].
    pub fn create(dir: &Path, keys: StoreKeys) -> Result<(Self, State), CreateError> {
        let (log, state) = places(dir);
        // Made beside and renamed, so that a crash does not leave half a store that is taken for a damaged one: a state
        // beside a log that still has its first name is what a crash between the two renames leaves.
        let (new_log, new_state) = (renamed(&log, "log.new"), renamed(&state, "state.new"));
        let half_made = !exists(&log.path()) && exists(&new_log.path());
        if exists(&log.path()) || (exists(&state.path()) && !half_made) {
            return Err(CreateError::Exists(dir.to_owned()));
        }
        let io = |error: std::io::Error| CreateError::Io {
            dir: dir.to_owned(),
            error,
        };
        for place in [&state, &new_state, &new_log] {
            if exists(&place.path()) {
                std::fs::remove_dir_all(place.path()).map_err(io)?;
            }
        }
        let cache = crate::options::shared_cache();
        log::create(&new_log, &cache, &keys)?;
        state::create(&new_state, &cache, &keys)?;
        std::fs::rename(new_state.path(), state.path()).map_err(io)?;
        std::fs::rename(new_log.path(), log.path()).map_err(io)?;
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)?;
        Ok(Self::open(dir, keys)?)
    }

    /// Opens the store below `dir`, checks every record, and loads the state.
    ///
    /// # Errors
    /// [`OpenError`]. Nothing is created and nothing is changed.
    pub fn open(dir: &Path, keys: StoreKeys) -> Result<(Self, State), OpenError> {
        let (log_place, state_place) = places(dir);
        if !exists(&log_place.path()) && !exists(&state_place.path()) {
            return Err(OpenError::NotAStore(dir.to_owned()));
        }
        for place in [&log_place, &state_place] {
            if !exists(&place.path()) {
                return Err(place.damaged(Damage::Missing(place.database)));
            }
        }
        let lock = log_place.lock()?;
        let (cluster, member) = (keys.cluster, keys.member);
        let keys = Arc::new(keys);
        let cache = crate::options::shared_cache();
        let log = log::recover(&log_place, &cache, Arc::clone(&keys))?;
        let (state, loaded) = state::recover(&state_place, &cache, keys)?;
        check_together(&log, &state).map_err(|damage| log_place.damaged(damage))?;
        state.remove_old_snapshots();
        let store = Self {
            log,
            state,
            space: Space::new(dir.to_owned()),
            cluster,
            member,
            _lock: lock,
        };
        Ok((store, loaded))
    }

    /// Stops writing, and puts everything into tables, which a start reads faster than RocksDB's log.
    pub fn close(&self) {
        self.log.close();
        if let Err(error) = self.state.flush() {
            tracing::warn!(%error, "the state was not flushed; it is applied again from the log at the next start");
        }
    }

    /// The cluster that the records are bound to.
    #[must_use]
    pub const fn cluster(&self) -> ClusterId {
        self.cluster
    }

    /// The member whose log this is.
    #[must_use]
    pub const fn member(&self) -> MemberId {
        self.member
    }
}

/// What no crash leaves behind: the state is written after the log, and the log purged after the state is durable.
fn check_together(log: &Log, state: &StateStore) -> Result<(), Damage> {
    let bounds = log.bounds();
    let applied = state.applied().position;
    let index =
        |position: Option<crate::LogPosition>| position.map_or(0, |position| position.index);
    if applied > bounds.last {
        return Err(Damage::LogBehindState {
            log: index(bounds.last),
            state: index(applied),
        });
    }
    if applied < bounds.purged {
        return Err(Damage::StateBehindLog {
            state: index(applied),
            log: index(bounds.purged),
        });
    }
    Ok(())
}

fn places(dir: &Path) -> (Place, Place) {
    let place = |database| Place {
        data_dir: dir.to_owned(),
        database,
    };
    (place("log"), place("state"))
}

fn renamed(place: &Place, database: &'static str) -> Place {
    Place {
        data_dir: place.data_dir.clone(),
        database,
    }
}
