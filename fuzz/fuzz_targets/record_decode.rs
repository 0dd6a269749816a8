//! What is on a disk: commands, records, the keys file, and encrypted records. Decoding is total, a value has one
//! encoding, and nothing decrypts but what was encrypted.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use strongroom_codec::{
    decode_command, decode_key_file, decode_record, encode_command, encode_key_file, encode_record,
};
use strongroom_crypto::{DataKey, KeyFile, Keyring, SealKey, UnsealMaterial, checksum};
use strongroom_fuzz::assert_one_line;
use strongroom_fuzz::fixed_keys::{self, Counting};
use strongroom_model::{Kind, Namespace, PayloadSize};
use strongroom_sensitive::SecretBytes;

/// The keys of every run, with the data key of one version.
struct Fixed {
    keyring: Keyring,
    seal_key: SealKey,
    namespace: Namespace,
    wrapped_data_key: Vec<u8>,
    data_key: DataKey,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let (keyring, namespace) = (fixed_keys::keyring(), Namespace::default());
    let context = fixed_keys::payload_context(&namespace);
    let payload = SecretBytes::from_vec(b"payload".to_vec());
    let encrypted = keyring.encrypt_payload(&context, &payload, &mut Counting::default());
    let wrapped_data_key = encrypted.expect("seven bytes").wrapped_data_key;
    let data_key = keyring.open_data_key(&context, &wrapped_data_key);
    Fixed {
        data_key: data_key.expect("just wrapped"),
        seal_key: fixed_keys::seal_key(),
        keyring,
        namespace,
        wrapped_data_key,
    }
});

fuzz_target!(|data: &[u8]| {
    match decode_command(data) {
        Ok(command) => assert_eq!(encode_command(&command), data),
        Err(refusal) => assert_one_line(&refusal),
    }
    match decode_record(data) {
        Ok(record) => assert_eq!(encode_record(&record), data),
        Err(refusal) => assert_one_line(&refusal),
    }
    keys(data);
    keys(&[data, checksum(data).as_slice()].concat());
    decrypt(data);
    encrypt(data);
});

/// A keys file; mutations do not hit upon a checksum, so a second try has one that is right.
fn keys(bytes: &[u8]) {
    match decode_key_file(bytes) {
        Ok(keys) => {
            assert_eq!(encode_key_file(&keys), bytes);
            open(&keys);
        }
        Err(refusal) => assert_one_line(&refusal),
    }
}

/// Slots whose bytes were made up open nothing.
fn open(keys: &KeyFile) {
    if let Err(refusal) = keys.unseal(UnsealMaterial::KeyFile(&FIXED.seal_key)) {
        assert_one_line(&refusal);
    }
}

/// The bytes as a record of each kind.
fn decrypt(bytes: &[u8]) {
    let context = fixed_keys::payload_context(&FIXED.namespace);
    let state = FIXED
        .keyring
        .state_key()
        .decrypt(&fixed_keys::state_context(), bytes);
    if let Ok(content) = state {
        assert!(
            content.len() < bytes.len(),
            "a record is longer than what it holds"
        );
    }
    if FIXED.keyring.open_data_key(&context, bytes).is_ok() {
        assert_eq!(
            bytes, FIXED.wrapped_data_key,
            "no other data key was wrapped for the version"
        );
    }
    for length in [1, bytes.len() / 2, bytes.len()] {
        let Ok(size) = PayloadSize::new(Kind::Secret, length) else {
            continue;
        };
        if let Ok(payload) = FIXED.data_key.decrypt_payload(&context, size, bytes) {
            assert_eq!(payload.len(), length);
        }
    }
}

/// The bytes as what is encrypted: they come back, and no changed record does.
fn encrypt(bytes: &[u8]) {
    let (context, key) = (fixed_keys::state_context(), FIXED.keyring.state_key());
    let encrypted = key.encrypt(&context, bytes, &mut Counting::default());
    let mut record = encrypted.expect("an input of the fuzzer is no 64 GiB");
    let content = key.decrypt(&context, &record).expect("just encrypted");
    assert_eq!(content.expose(), bytes);
    let at = bytes.iter().fold(bytes.len(), |at, byte| {
        at * 31 % 65_521 + usize::from(*byte)
    });
    let at = at % record.len();
    record[at] ^= 1;
    assert!(
        key.decrypt(&context, &record).is_err(),
        "byte {at} is bound to nothing"
    );
}
