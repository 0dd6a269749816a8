//! Wiping the stack behind a computation.
//!
//! Ciphers and hashes keep round keys, blocks and intermediate keys in locals. Their frames are gone after the call,
//! their bytes are not, until something else happens to lie there. So the call goes through a frame of its own, and
//! after it the stack below is overwritten.

use core::hint::black_box;
use zeroize::zeroize_stack;

/// How much stack is overwritten after a computation, in bytes: twice what the deepest operation of `crypto` was measured
/// to use, in optimised and in other builds (`docs/KEYS.md`). Its tests `wiped_stack` fail where that is no longer enough.
pub const WIPED_STACK: usize = 32 * 1024;

/// Distance between the caller's frame and the computation's, in bytes. The frames of the wipe itself take the place of
/// whatever came first below the caller, so secrets must not lie there.
const DISTANCE: usize = 1024;

/// Runs `computation`, then overwrites the [`WIPED_STACK`] bytes of stack below the caller, also where it panics.
///
/// What it returns is moved to the caller: secrets in it must lie on the heap.
pub fn on_wiped_stack<T>(computation: impl FnOnce() -> T) -> T {
    let _wipe = WipeBelow;
    at_a_distance(computation)
}

/// Never inlined, nor left by a tail call: its frame keeps the computation's at a distance.
#[inline(never)]
fn at_a_distance<T>(computation: impl FnOnce() -> T) -> T {
    let distance = [0u8; DISTANCE];
    black_box(&distance);
    let result = in_own_frame(computation);
    black_box(&distance);
    result
}

/// Never inlined: in a caller's frame the locals of `computation` would lie above what is wiped.
#[inline(never)]
fn in_own_frame<T>(computation: impl FnOnce() -> T) -> T {
    computation()
}

/// Wipes on drop, which a panic reaches too.
struct WipeBelow;

impl Drop for WipeBelow {
    #[inline(always)]
    fn drop(&mut self) {
        // Not inlined itself, and behind a barrier that counts as a read of every byte.
        zeroize_stack::<WIPED_STACK>();
    }
}
