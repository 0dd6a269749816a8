//! Waiting for what can be observed, with a deadline.

use std::time::{Duration, Instant};

/// How long anything here may take on a machine that is busy compiling.
const DEADLINE: Duration = Duration::from_secs(60);

/// Asks again until there is an answer.
///
/// # Panics
/// When `what` has not come within a minute.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            start.elapsed() < DEADLINE,
            "{what} did not come within {DEADLINE:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}
