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
