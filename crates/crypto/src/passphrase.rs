//! A key from a passphrase: Argon2id, by argon2.

use argon2::{Algorithm, Argon2, Block, Params};
use strongroom_sensitive::{SecretArray, SecretBytes, on_wiped_stack};
use zeroize::Zeroize as _;

/// How much work a guess of the passphrase costs. Stored beside the salt, in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseParams {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Why parameters are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Below the second recommended option of RFC 9106.
    #[error(
        "the passphrase slot asks for too little work ({memory_kib} KiB, {passes} passes, {lanes} lanes; at least 65536, 3 and 4): restore the keys file"
    )]
    TooWeak {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// More than any of our programs ever writes: somebody wants the memory or the time gone.
    #[error(
        "the passphrase slot asks for too much work ({memory_kib} KiB, {passes} passes, {lanes} lanes; at most 4194304, 64 and 64): restore the keys file"
    )]
    TooStrong {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
}

/// Why no key came of a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StretchError {
    /// The memory that the parameters ask for is not to be had.
    Memory,
    /// argon2 refuses the passphrase or the parameters.
    Refused,
}

/// Least memory in KiB: RFC 9106's second recommended option.
const MEMORY_FLOOR: u32 = 64 * 1024;
/// Most memory in KiB: 4 GiB.
const MEMORY_CEILING: u32 = 4 * 1024 * 1024;

impl PassphraseParams {
    /// Parameters from a file.
    ///
    /// # Errors
    /// [`ParamsError`], outside of 64 MiB to 4 GiB, 3 to 64 passes, 4 to 64 lanes.
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, ParamsError> {
        if memory_kib < MEMORY_FLOOR || passes < 3 || lanes < 4 {
            return Err(ParamsError::TooWeak {
                memory_kib,
                passes,
                lanes,
            });
        }
        if memory_kib > MEMORY_CEILING || passes > 64 || lanes > 64 {
            return Err(ParamsError::TooStrong {
                memory_kib,
                passes,
                lanes,
            });
        }
        Ok(Self {
            memory_kib,
            passes,
            lanes,
        })
    }

    /// Parameters for a new slot on a machine with so many bytes of memory: about a second, at most a quarter of the
    /// memory (but never below the floor).
    #[must_use]
    pub const fn for_machine(memory_bytes: u64) -> Self {
        let quarter_kib = memory_bytes / 1024 / 4;
        let mut memory_kib = 256 * 1024;
        let mut passes = 4;
        while memory_kib as u64 > quarter_kib && memory_kib > MEMORY_FLOOR {
            memory_kib /= 2;
            passes *= 2;
        }
        Self {
            memory_kib,
            passes,
            lanes: 4,
        }
    }

    /// Parameters that cost nothing, for tests; [`PassphraseParams::new`] refuses them, so no file that holds them
    /// is ever read.
    #[must_use]
    pub const fn weak_for_tests() -> Self {
        Self {
            memory_kib: 64,
            passes: 1,
            lanes: 4,
        }
    }

    /// Memory in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }
}

/// Argon2id (RFC 9106) of a passphrase: 32 bytes.
pub(crate) fn stretch(
    passphrase: &SecretBytes,
    salt: &[u8],
    params: PassphraseParams,
) -> Result<SecretArray<32>, StretchError> {
    let mut memory = Memory::allocate(params.memory_kib)?;
    SecretArray::try_init_with(|out| {
        on_wiped_stack(|| argon2id(passphrase.expose(), salt, params, &mut memory, out))
    })
}

fn argon2id(
    passphrase: &[u8],
    salt: &[u8],
    params: PassphraseParams,
    memory: &mut Memory,
    out: &mut [u8; 32],
) -> Result<(), StretchError> {
    let params = Params::new(
        params.memory_kib,
        params.passes,
        params.lanes,
        Some(out.len()),
    );
    let params = params.map_err(|_| StretchError::Refused)?;
    Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, out, &mut memory.0)
        .map_err(|_| StretchError::Refused)
}

/// Argon2's memory: it says as much about the passphrase as the key does, so it is wiped.
struct Memory(Vec<Block>);

impl Memory {
    fn allocate(kib: u32) -> Result<Self, StretchError> {
        let blocks = usize::try_from(kib).map_err(|_| StretchError::Memory)?;
        let mut memory = Self(Vec::new());
        let reserved = memory.0.try_reserve_exact(blocks);
        reserved.map_err(|_| StretchError::Memory)?;
        memory.0.resize(blocks, Block::new());
        Ok(memory)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.iter_mut().zeroize();
    }
}

#[cfg(test)]
mod tests;
