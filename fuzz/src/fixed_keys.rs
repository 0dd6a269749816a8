//! Keys that are the same in every run, so that a seed can hold what they encrypted.

use strongroom_crypto::{
    Context, Field, KeyFile, Keyring, NewSlot, PayloadContext, Random, RandomError, SealKey,
};
use strongroom_model::{ClusterId, Kind, MemberId, Namespace, ObjectId, Version};
use strongroom_sensitive::SecretBytes;

/// The cluster of the seeds.
pub const CLUSTER: ClusterId = ClusterId::from_bytes([7; 16]);

/// The object whose versions are encrypted.
pub const OBJECT: ObjectId = ObjectId::from_bytes([9; 16]);

/// Hands out 0, 1, 2 … 255, 0, 1 …
#[derive(Debug, Default)]
pub struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

/// The cluster's keys.
#[must_use]
pub fn keyring() -> Keyring {
    Keyring::generate(&mut Counting::default()).expect("counting does not end")
}

/// What the keys file is sealed with.
#[must_use]
pub fn seal_key() -> SealKey {
    let content = SecretBytes::from_vec(vec![5; strongroom_crypto::SEAL_KEY]);
    SealKey::from_bytes(&content).expect("as long as a key")
}

/// A keys file with one slot, for [`seal_key`].
#[must_use]
pub fn key_file() -> KeyFile {
    let (seal_key, mut random) = (seal_key(), Counting::default());
    let slots = [NewSlot::KeyFile(&seal_key)];
    let (sealed, _) = KeyFile::create(CLUSTER, MemberId(1), &slots, &mut random)
        .expect("a key file needs no memory, and counting does not end");
    sealed
}

/// What records of the state are bound to.
#[must_use]
pub const fn state_context() -> Context<'static> {
    Context {
        cluster: CLUSTER,
        field: Field::State(1),
        namespace: None,
        object: *OBJECT.as_bytes(),
        version: 0,
    }
}

/// What a version's bytes are bound to.
#[must_use]
pub const fn payload_context(namespace: &Namespace) -> PayloadContext<'_> {
    PayloadContext {
        cluster: CLUSTER,
        kind: Kind::Secret,
        namespace,
        object: OBJECT,
        version: Version::FIRST,
    }
}
