//! Sealed until it is opened: every call but the status goes through here.

use crate::{peer::Administrator, vault::Vault};
use std::sync::{Arc, OnceLock};
use strongroom_api::{Refusal, v1::ErrorReason};
use tonic::Request;

/// What the handlers share: nothing at first, then the open vault.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<OnceLock<Arc<Vault>>>);

/// A call that may be carried out: of an administrator, on an open vault, with everything parsed.
#[derive(Debug)]
pub(crate) struct Admitted<T> {
    pub(crate) administrator: Administrator,
    pub(crate) vault: Arc<Vault>,
    pub(crate) ask: T,
}

impl Gate {
    /// Opens for good; this manager seals by stopping.
    pub(crate) fn open(&self, vault: Arc<Vault>) {
        let opened = self.0.set(vault);
        debug_assert!(opened.is_ok(), "a gate is opened once");
    }

    /// The vault, if it is open.
    pub(crate) fn vault(&self) -> Option<Arc<Vault>> {
        self.0.get().map(Arc::clone)
    }

    /// Checks the caller first, then the seal, then what is asked for.
    ///
    /// # Errors
    /// `DENIED`, `SEALED`, or why the request is invalid.
    pub(crate) fn admit<M, T>(&self, request: Request<M>) -> Result<Admitted<T>, Refusal>
    where
        T: TryFrom<M, Error = Refusal>,
    {
        let administrator = Administrator::of(request.extensions())?;
        let vault = self.vault().ok_or_else(|| {
            Refusal::new(
                ErrorReason::Sealed,
                "the manager is sealed: wait until it has unsealed, or look at its log",
            )
        })?;
        let ask = T::try_from(request.into_inner())?;
        Ok(Admitted {
            administrator,
            vault,
            ask,
        })
    }
}
