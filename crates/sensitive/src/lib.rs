//! Secret bytes that wipe themselves and cannot be printed, and what wipes behind all other code.
//!
//! Three layers, since no single one holds (`docs/KEYS.md` has the measurements):
//! - [`SecretBytes`] and [`SecretArray`] wipe what we know to be secret, as soon as it is dropped;
//! - [`WipingAllocator`], the global allocator of all three programs, wipes every heap block as it is freed, so that
//!   buffers of libraries that know nothing of secrets leave none behind;
//! - [`on_wiped_stack`] overwrites the dead stack frames of a computation, where ciphers and hashes leave round keys
//!   and blocks that no destructor reaches.
//!
//! [`process::harden`] keeps the living ones out of core dumps and away from other users' debuggers.
//!
//! Not reached: CPU registers that nothing has overwritten yet, and pages that the kernel has swapped out; machines
//! with secrets have no swap, or an encrypted one.

mod allocator;
mod array;
mod bytes;
mod compare;
pub mod process;
mod stack;

pub use allocator::WipingAllocator;
pub use array::SecretArray;
pub use bytes::SecretBytes;
pub use compare::ct_eq;
pub use stack::{WIPED_STACK, on_wiped_stack};
