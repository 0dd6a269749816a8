//! A version's bytes: padded, encrypted once under a data key, which is wrapped by the newest epoch's key.

use crate::key::{EpochKey, WITHOUT_EPOCH};
use crate::{
    DataKey, DecryptError, EncryptError, Field, KeyEpoch, Keyring, PayloadContext, Random, padding,
    record,
};
use strongroom_model::PayloadSize;
use strongroom_sensitive::SecretBytes;

/// What is stored of one version's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedPayload {
    /// The record of the data key, under the epoch's key.
    pub wrapped_data_key: Vec<u8>,
    /// The record of the padded payload, under the data key.
    pub record: Vec<u8>,
}

impl Keyring {
    /// Encrypts a version's bytes under a fresh data key, and that under the newest epoch.
    ///
    /// # Errors
    /// [`EncryptError`].
    pub fn encrypt_payload(
        &self,
        context: &PayloadContext<'_>,
        payload: &SecretBytes,
        random: &mut dyn Random,
    ) -> Result<EncryptedPayload, EncryptError> {
        let data_key = DataKey::generate(random)?;
        let (epoch, epoch_key) = self.newest();
        Ok(EncryptedPayload {
            record: data_key.encrypt_payload(context, payload, random)?,
            wrapped_data_key: epoch_key.wrap(epoch, context, &data_key, random)?,
        })
    }

    /// A version's bytes. `size` is their length, which the state knows.
    ///
    /// # Errors
    /// [`DecryptError`]; also where the keyring has no key of the record's epoch.
    pub fn decrypt_payload(
        &self,
        context: &PayloadContext<'_>,
        size: PayloadSize,
        payload: &EncryptedPayload,
    ) -> Result<SecretBytes, DecryptError> {
        let data_key = self.open_data_key(context, &payload.wrapped_data_key)?;
        data_key.decrypt_payload(context, size, &payload.record)
    }

    /// A version's data key.
    ///
    /// # Errors
    /// [`DecryptError`]; also where the keyring has no key of the record's epoch.
    pub fn open_data_key(
        &self,
        context: &PayloadContext<'_>,
        wrapped_data_key: &[u8],
    ) -> Result<DataKey, DecryptError> {
        let epoch = record::claimed_epoch(wrapped_data_key)
            .and_then(KeyEpoch::new)
            .ok_or(DecryptError)?;
        let epoch_key = self.epoch(epoch).ok_or(DecryptError)?;
        epoch_key.unwrap(epoch, context, wrapped_data_key)
    }
}

impl DataKey {
    fn encrypt_payload(
        &self,
        context: &PayloadContext<'_>,
        payload: &SecretBytes,
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, EncryptError> {
        let content = payload.expose();
        record::encrypt_padded(
            &self.0,
            WITHOUT_EPOCH,
            &context.of(Field::Payload(context.kind)),
            (content, padding::padded(content.len())),
            random,
        )
    }

    /// The version's bytes. `size` is their length, which the state knows.
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn decrypt_payload(
        &self,
        context: &PayloadContext<'_>,
        size: PayloadSize,
        record: &[u8],
    ) -> Result<SecretBytes, DecryptError> {
        let field = Field::Payload(context.kind);
        let size = usize::try_from(size.get()).map_err(|_| DecryptError)?;
        record::decrypt_padded(&self.0, WITHOUT_EPOCH, &context.of(field), size, record)
    }
}

impl EpochKey {
    fn wrap(
        &self,
        epoch: KeyEpoch,
        context: &PayloadContext<'_>,
        data_key: &DataKey,
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, EncryptError> {
        let context = context.of(Field::DataKey(context.kind));
        record::encrypt(&self.0, epoch.get(), &context, data_key.0.expose(), random)
    }

    fn unwrap(
        &self,
        epoch: KeyEpoch,
        context: &PayloadContext<'_>,
        wrapped: &[u8],
    ) -> Result<DataKey, DecryptError> {
        let context = context.of(Field::DataKey(context.kind));
        let bytes = record::decrypt(&self.0, epoch.get(), &context, wrapped)?;
        DataKey::from_slice(bytes.expose()).ok_or(DecryptError)
    }
}
