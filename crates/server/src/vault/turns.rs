//! Writers of one name take turns, since each encrypts for the version number that it expects: without turns all but
//! one of those that come together would encrypt in vain, and again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use strongroom_api::request::ObjectPath;
use tokio::sync::{Mutex, MutexGuard};

/// Many more than writers at once, so that different names seldom wait for each other; 40 KiB together.
const PLACES: usize = 1024;

/// A fixed number of locks; names that share one wait for each other, which is harmless.
#[derive(Debug)]
pub(super) struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(())).collect())
    }
}

impl Turns {
    /// Waits for the turn to write an object. It ends with the guard.
    pub(super) async fn take(&self, path: &ObjectPath) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        (path.kind, &path.namespace, path.name.folded()).hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % PLACES as u64).unwrap_or_default();
        self.0[place].lock().await
    }
}
