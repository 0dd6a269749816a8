//! What has changed, in the order of the log, for those who watch.

use crate::error::SubscriptionError;
use std::sync::Arc;
use strongroom_state::Event;
use tokio::sync::broadcast;

/// Changes that are kept for a watcher that is slow; one that is slower reads the state again.
pub(crate) const KEPT: usize = 1024;

/// What one entry has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The entry's index: the state that a watcher reads afterwards has applied it, or more.
    pub index: u64,
    /// In order; never empty.
    pub events: Arc<[Event]>,
}

/// Sees each change from the moment of subscription on.
#[derive(Debug)]
pub struct Subscription(pub(crate) broadcast::Receiver<Change>);

impl Subscription {
    /// The next change.
    ///
    /// # Errors
    /// [`SubscriptionError`]: too slow, or there will be none.
    pub async fn next(&mut self) -> Result<Change, SubscriptionError> {
        self.0.recv().await.map_err(|error| match error {
            broadcast::error::RecvError::Lagged(missed) => SubscriptionError::Lagged(missed),
            broadcast::error::RecvError::Closed => SubscriptionError::Stopped,
        })
    }
}
