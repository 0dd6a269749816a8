//! The open vault: payloads are encrypted before they are proposed and decrypted after they are read, and every read
//! sees every write that was acknowledged before it.
//!
//! Nothing in clear goes into a [`Command`], so log, snapshots and other members' memory never hold a payload. Whoever
//! reads or changes something shows that the caller is an [`Administrator`].

mod cipher;
mod read;
mod turns;
mod write;

pub(crate) use cipher::{Cipher, SealContentError, VersionPath};
pub(crate) use read::Described;

use crate::peer::Administrator;
use crate::{clock, refusals};
use std::sync::Arc;
use strongroom_api::Refusal;
use strongroom_consensus::Consensus;
use strongroom_crypto::{Keyring, Random as _, SystemRandom};
use strongroom_model::{ClusterId, RequestId};
use strongroom_state::{Change, Command, Rejection, Response, State};
use turns::Turns;

/// See the module.
#[derive(Debug)]
pub(crate) struct Vault {
    cipher: Cipher,
    consensus: Consensus,
    turns: Turns,
}

impl Vault {
    pub(crate) fn new(cluster: ClusterId, keyring: Arc<Keyring>, consensus: Consensus) -> Self {
        let cipher = Cipher::new(cluster, keyring);
        let turns = Turns::default();
        Self {
            cipher,
            consensus,
            turns,
        }
    }

    /// The keys at work.
    pub(crate) const fn cipher(&self) -> &Cipher {
        &self.cipher
    }

    /// The replicated state behind it.
    pub(crate) const fn consensus(&self) -> &Consensus {
        &self.consensus
    }

    /// Makes a change, and answers when it is applied here.
    pub(crate) async fn change(
        &self,
        administrator: Administrator,
        request: Option<RequestId>,
        change: Change,
    ) -> Result<Response, Refusal> {
        let outcome = self.propose(administrator, request, change).await?;
        outcome.map_err(refusals::rejected)
    }

    async fn propose(
        &self,
        _: Administrator,
        request: Option<RequestId>,
        change: Change,
    ) -> Result<Result<Response, Rejection>, Refusal> {
        let time = clock::now();
        let command = Command {
            request,
            time,
            change,
        };
        let proposed = self.consensus.propose(&command).await;
        proposed.map_err(refusals::not_proposed)
    }

    /// Reads the state as of now: whatever was acknowledged before the call is in it.
    pub(crate) async fn settled<T>(
        &self,
        _: Administrator,
        read: impl FnOnce(&State) -> T,
    ) -> Result<T, Refusal> {
        self.consensus
            .barrier()
            .await
            .map_err(refusals::not_settled)?;
        Ok(self.consensus.read(read))
    }
}

/// 128 fresh random bits, for an id.
pub(crate) fn draw_id() -> Result<[u8; 16], Refusal> {
    let mut bytes = [0; 16];
    let drawn = SystemRandom.fill(&mut bytes);
    drawn.map(|()| bytes).map_err(refusals::no_randomness)
}
