//! How long a payload looks: the length of its ciphertext tells little of its own.

/// The least padded length: passwords, tokens and keys all look alike.
pub(crate) const FLOOR: usize = 256;

/// The padded length of `len` bytes: Padmé, at most 12 % more, which leaves O(log log len) bits to be seen, but at
/// least [`FLOOR`].
pub(crate) const fn padded(len: usize) -> usize {
    if len <= FLOOR {
        return FLOOR;
    }
    let exponent = len.ilog2();
    let kept_bits = exponent.ilog2() + 1;
    let mask = (1usize << (exponent - kept_bits)) - 1;
    // Only a length within a few bytes of the address space could overflow; no buffer has one.
    len.saturating_add(mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use strongroom_model::limits;

    #[test]
    fn short_payloads_all_look_alike() {
        for len in 0..=FLOOR {
            assert_eq!(padded(len), FLOOR);
        }
    }

    #[test]
    fn the_papers_lengths_come_out() {
        // Worked by hand from the definition in "Reducing Metadata Leakage from Encrypted Files and Communication with
        // PURBs", section 4.
        for (len, expected) in [
            (257, 272),
            (272, 272),
            (273, 288),
            (1_000, 1_024),
            (1_025, 1_088),
            (500 * 1024, 63 * 8_192),
            (limits::PAYLOAD, limits::PAYLOAD),
        ] {
            assert_eq!(padded(len), expected, "{len}");
        }
    }

    proptest! {
        #[test]
        fn padding_adds_at_most_an_eighth_and_is_stable(len in FLOOR..=limits::PAYLOAD) {
            let padded_len = padded(len);
            prop_assert!(padded_len >= len);
            prop_assert!(padded_len - len <= len * 12 / 100);
            prop_assert_eq!(padded(padded_len), padded_len);
        }
    }

    #[test]
    fn a_payload_of_any_size_has_one_of_few_lengths() {
        let lengths: std::collections::BTreeSet<usize> =
            (1..=limits::PAYLOAD).map(padded).collect();
        // The floor, 16 for each power of two from 256 on and 32 from 65,536 on, and the limit itself.
        assert_eq!(lengths.len(), 1 + 8 * 16 + 4 * 32);
    }
}
