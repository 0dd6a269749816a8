//! Who is at the other end of the socket, and the proof that it may administer the cluster.

use strongroom_api::{Refusal, v1::ErrorReason};
use tonic::Extensions;

/// The peer of a connection, as the kernel saw it when it connected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// Its user; `None` where the kernel does not say.
    pub(crate) uid: Option<u32>,
}

/// Proof that a caller is an administrator. Only [`Peer::administrator`] makes one, and whatever reads or changes the
/// cluster asks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Administrator {
    uid: u32,
}

impl Peer {
    /// The server's own user and root are administrators, nobody else is.
    ///
    /// # Errors
    /// `DENIED`.
    pub(crate) fn administrator(self) -> Result<Administrator, Refusal> {
        let own = rustix::process::geteuid().as_raw();
        match self.uid {
            Some(uid) if uid == own || uid == 0 => Ok(Administrator { uid }),
            Some(uid) => Err(denied(format!(
                "user {uid} may not use this socket: call as root or as the user that runs strongroomd"
            ))),
            None => Err(denied(
                "the system does not say who calls: use the Unix socket".to_owned(),
            )),
        }
    }
}

impl Administrator {
    /// The proof that came with a call.
    ///
    /// # Errors
    /// `DENIED` where there is none.
    pub(crate) fn of(extensions: &Extensions) -> Result<Self, Refusal> {
        let proof = extensions.get::<Self>().copied();
        proof.ok_or_else(|| denied("the caller is not known: use the Unix socket".to_owned()))
    }

    /// The user.
    #[must_use]
    pub(crate) const fn uid(self) -> u32 {
        self.uid
    }
}

fn denied(message: String) -> Refusal {
    Refusal::new(ErrorReason::Denied, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_user_and_root_are_administrators() {
        let own = rustix::process::geteuid().as_raw();
        for uid in [0, own] {
            assert_eq!(Peer { uid: Some(uid) }.administrator().unwrap().uid(), uid);
        }
    }

    #[test]
    fn others_and_the_unknown_are_denied() {
        let own = rustix::process::geteuid().as_raw();
        for uid in [Some(own + 1), None] {
            let refusal = Peer { uid }.administrator().unwrap_err();
            assert_eq!(refusal.reason(), ErrorReason::Denied);
        }
    }
}
