//! Comparison whose time tells nothing of the bytes.

use core::hint::black_box;

/// Whether two strings of bytes are equal. The time depends on their lengths only, which are public.
#[must_use]
pub fn ct_eq(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let pairs = left.iter().zip(right);
    // The black box keeps the compiler from leaving the loop at the first difference.
    let difference = pairs.fold(0u8, |seen, (left, right)| black_box(seen | (left ^ right)));
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_differing_bit_anywhere_is_seen() {
        let bytes = [0x5au8; 33];
        assert!(ct_eq(&bytes, &bytes));
        for position in 0..bytes.len() * 8 {
            let mut other = bytes;
            other[position / 8] ^= 1 << (position % 8);
            assert!(!ct_eq(&bytes, &other), "bit {position}");
        }
    }

    #[test]
    fn a_prefix_is_not_equal() {
        assert!(!ct_eq(b"secret", b"secre"));
        assert!(!ct_eq(b"", b"x"));
        assert!(ct_eq(b"", b""));
    }
}
