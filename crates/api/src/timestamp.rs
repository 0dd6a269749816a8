//! The wire's form of a point in time.

use strongroom_model::Timestamp;

/// A point in time as messages hold it.
#[must_use]
pub fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let millis = time.as_millis();
    prost_types::Timestamp {
        seconds: i64::try_from(millis / 1000).unwrap_or(i64::MAX),
        nanos: i32::try_from(millis % 1000 * 1_000_000).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_kept() {
        let time = timestamp(Timestamp::from_millis(1_999));
        assert_eq!((time.seconds, time.nanos), (1, 999_000_000));
    }
}
