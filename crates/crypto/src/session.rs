//! Handing a data key to an agent: HPKE (RFC 9180), by hpke.
//!
//! Base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message per encapsulation. An agent makes its
//! key pair anew for each session and keeps the secret half in memory only.

use crate::{DataKey, DecryptError, PayloadContext, Random, RandomError};
use core::{convert::Infallible, fmt};
use hpke::{
    Deserializable as _, HpkeError, Kem, OpModeR, OpModeS, Serializable as _, aead::AesGcm256,
    kdf::HkdfSha256, kem::X25519HkdfSha256, rand_core, setup_receiver, setup_sender_with_rng,
};
use strongroom_sensitive::{SecretArray, SecretBytes, on_wiped_stack};

/// Everything is bound by `info` already.
const AAD: &[u8] = &[];

/// The half of a session's key pair that stays with the agent.
pub struct SessionSecret {
    secret: SecretArray<32>,
    public: SessionPublicKey,
}

/// The half that managers encrypt to: an X25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPublicKey(pub [u8; 32]);

/// A data key that only the holder of one session's secret can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedDataKey {
    /// The sender's ephemeral public key.
    pub encapsulated_key: [u8; 32],
    /// The data key, encrypted, and its tag.
    pub ciphertext: Vec<u8>,
}

/// Why a data key cannot be sealed to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealDataKeyError {
    /// No ephemeral key could be drawn.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A point that no agent would generate.
    #[error("the session's public key is not usable: the agent must make a new session")]
    PublicKey,
}

impl SessionSecret {
    /// A fresh key pair.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        let seed = SecretArray::<32>::try_init_with(|seed| random.fill(seed))?;
        let mut public = [0; 32];
        let secret = SecretArray::init_with(|secret| {
            on_wiped_stack(|| {
                let (private, derived) = X25519HkdfSha256::derive_keypair(seed.expose());
                private.write_exact(secret);
                derived.write_exact(&mut public);
            });
        });
        Ok(Self {
            secret,
            public: SessionPublicKey(public),
        })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> SessionPublicKey {
        self.public
    }

    /// Opens a data key that was sealed to this session for this version.
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn open_data_key(
        &self,
        context: &PayloadContext<'_>,
        sealed: &SealedDataKey,
    ) -> Result<DataKey, DecryptError> {
        let bytes = open(&self.secret, &context.session_info(), AAD, sealed)?;
        DataKey::from_slice(bytes.expose()).ok_or(DecryptError)
    }
}

impl SessionPublicKey {
    /// Encrypts a version's data key to the session.
    ///
    /// # Errors
    /// [`SealDataKeyError`].
    pub fn seal_data_key(
        &self,
        context: &PayloadContext<'_>,
        data_key: &DataKey,
        random: &mut dyn Random,
    ) -> Result<SealedDataKey, SealDataKeyError> {
        let seed = SecretArray::try_init_with(|seed| random.fill(seed))?;
        let info = context.session_info();
        seal(self, &info, AAD, data_key.0.expose(), &seed)
    }
}

/// One message to the holder of the secret half. `seed` is all the randomness that an encapsulation needs.
fn seal(
    public: &SessionPublicKey,
    info: &[u8],
    associated_data: &[u8],
    message: &[u8],
    seed: &SecretArray<32>,
) -> Result<SealedDataKey, SealDataKeyError> {
    let unusable = |_| SealDataKeyError::PublicKey;
    on_wiped_stack(|| {
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&public.0);
        let mut drawn = Drawn::new(seed);
        let (encapsulated, mut context) =
            setup_sender_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public.map_err(unusable)?,
                info,
                &mut drawn,
            )
            .map_err(unusable)?;
        if drawn.overdrawn {
            return Err(RandomError.into());
        }
        let mut encapsulated_key = [0; 32];
        encapsulated.write_exact(&mut encapsulated_key);
        Ok(SealedDataKey {
            encapsulated_key,
            ciphertext: context.seal(message, associated_data).map_err(unusable)?,
        })
    })
}

/// The message that was sealed with this `info` to the public half of `secret`.
fn open(
    secret: &SecretArray<32>,
    info: &[u8],
    associated_data: &[u8],
    sealed: &SealedDataKey,
) -> Result<SecretBytes, DecryptError> {
    on_wiped_stack(|| {
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret.expose())?;
        let encapsulated =
            <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&sealed.encapsulated_key)?;
        setup_receiver::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &secret,
            &encapsulated,
            info,
        )?
        .open(&sealed.ciphertext, associated_data)
    })
    .map(SecretBytes::from_vec)
    .map_err(|_: HpkeError| DecryptError)
}

/// Hands out bytes that were drawn before, since hpke's generators must not fail.
struct Drawn<'a> {
    rest: &'a [u8],
    /// More was asked for than had been drawn: what was handed out must not be used.
    overdrawn: bool,
}

impl<'a> Drawn<'a> {
    const fn new(seed: &'a SecretArray<32>) -> Self {
        Self {
            rest: seed.expose(),
            overdrawn: false,
        }
    }
}

impl rand_core::TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        if let Some((drawn, rest)) = self.rest.split_at_checked(bytes.len()) {
            bytes.copy_from_slice(drawn);
            self.rest = rest;
        } else {
            bytes.fill(0);
            self.overdrawn = true;
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Drawn<'_> {}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret")
    }
}

#[cfg(test)]
mod tests;
