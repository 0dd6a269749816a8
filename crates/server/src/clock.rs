//! The one place where the manager reads a clock.

use std::time::{SystemTime, UNIX_EPOCH};
use strongroom_model::Timestamp;

/// Now. The state does not trust it: time there never goes back.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
