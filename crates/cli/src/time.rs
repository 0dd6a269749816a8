//! Times for people ("2 hours ago") and for programs (RFC 3339, UTC).

use std::time::{SystemTime, UNIX_EPOCH};
use strongroom_model::Timestamp;

/// Now; 1970 on a machine whose clock is before that.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// `2026-11-21T03:33:20.5Z`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    // Past the year 9999 there is no such text; a server that says so gets its last moment.
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

/// In the largest unit that fits at least twice, as Docker writes it; a time to come is as good as now.
pub(crate) fn ago(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.millis_since(time) / 1000;
    let unit = UNITS.iter().find(|(_, length)| seconds >= 2 * length);
    match (unit, seconds) {
        (Some((name, length)), _) => format!("{} {name} ago", seconds / length),
        (None, 1) => "1 second ago".to_owned(),
        (None, _) => "just now".to_owned(),
    }
}

/// Name and seconds, longest first.
const UNITS: [(&str, u64); 7] = [
    ("years", 365 * DAY),
    ("months", 30 * DAY),
    ("weeks", 7 * DAY),
    ("days", DAY),
    ("hours", 60 * 60),
    ("minutes", 60),
    ("seconds", 1),
];

const DAY: u64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_in_rfc_3339() {
        assert_eq!(rfc3339(Timestamp::from_millis(0)), "1970-01-01T00:00:00Z");
        let time = Timestamp::from_millis(1_795_232_000_500);
        assert_eq!(rfc3339(time), "2026-11-21T03:33:20.5Z");
        assert!(rfc3339(Timestamp::from_millis(u64::MAX)).starts_with("9999-"));
    }

    #[test]
    fn ages_are_in_the_largest_unit_that_fits_twice() {
        for (seconds, text) in [
            (0, "just now"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (119, "119 seconds ago"),
            (120, "2 minutes ago"),
            (3 * 60 * 60, "3 hours ago"),
            (47 * 60 * 60, "47 hours ago"),
            (13 * DAY, "13 days ago"),
            (21 * DAY, "3 weeks ago"),
            (90 * DAY, "3 months ago"),
            (800 * DAY, "2 years ago"),
        ] {
            let now = Timestamp::from_millis(seconds * 1000);
            assert_eq!(ago(Timestamp::from_millis(0), now), text);
        }
        assert_eq!(
            ago(Timestamp::from_millis(1000), Timestamp::from_millis(0)),
            "just now"
        );
    }
}
