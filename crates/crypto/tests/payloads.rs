//! Payloads as the server writes and the agent reads them.

use static_assertions::assert_not_impl_any;
use strongroom_crypto::{
    DataKey, EncryptedPayload, KeyEpoch, Keyring, PayloadContext, Random, RandomError, RootHashKey,
    RootKey, SealKey, SessionSecret, StateKey, StorageKey, SystemRandom,
};
use strongroom_model::{ClusterId, Kind, Namespace, ObjectId, PayloadSize, Version, limits};
use strongroom_sensitive::SecretBytes;

macro_rules! cannot_leak {
    ($($key:ty),*) => {
        $(assert_not_impl_any!(
            $key: Clone, Copy, PartialEq, std::hash::Hash, std::fmt::Display, std::ops::Deref,
            AsRef<[u8]>, std::borrow::Borrow<[u8]>
        );)*
    };
}
cannot_leak!(
    DataKey,
    Keyring,
    RootHashKey,
    RootKey,
    SealKey,
    SessionSecret,
    StateKey,
    StorageKey
);

fn context(namespace: &Namespace) -> PayloadContext<'_> {
    PayloadContext {
        cluster: ClusterId::from_bytes([1; 16]),
        kind: Kind::Secret,
        namespace,
        object: ObjectId::from_bytes([2; 16]),
        version: Version::FIRST,
    }
}

fn keyring() -> Keyring {
    Keyring::generate(&mut SystemRandom).expect("the system has randomness")
}

fn size(len: usize) -> PayloadSize {
    PayloadSize::new(Kind::Secret, len).expect("within the limit")
}

fn encrypt(keyring: &Keyring, context: &PayloadContext<'_>, payload: &[u8]) -> EncryptedPayload {
    let payload = SecretBytes::from_vec(payload.to_vec());
    let encrypted = keyring.encrypt_payload(context, &payload, &mut SystemRandom);
    encrypted.expect("the system has randomness")
}

#[test]
fn payloads_of_every_size_come_back() {
    let (keyring, namespace) = (keyring(), Namespace::default());
    let context = context(&namespace);
    for len in [
        1,
        2,
        255,
        256,
        257,
        1_000,
        65_537,
        limits::PAYLOAD - 1,
        limits::PAYLOAD,
    ] {
        let payload: Vec<u8> = (0..=250).cycle().take(len).collect();
        let encrypted = encrypt(&keyring, &context, &payload);
        let opened = keyring
            .decrypt_payload(&context, size(len), &encrypted)
            .unwrap();
        assert_eq!(opened.expose(), payload, "{len}");
        assert!(encrypted.record.len() + encrypted.wrapped_data_key.len() < limits::RAFT_ENTRY);
    }
}

#[test]
fn an_agent_with_the_data_key_reads_what_the_server_wrote() {
    let (keyring, namespace) = (keyring(), Namespace::default());
    let context = context(&namespace);
    let encrypted = encrypt(&keyring, &context, b"hunter2");
    let session = SessionSecret::generate(&mut SystemRandom).unwrap();

    let data_key = keyring
        .open_data_key(&context, &encrypted.wrapped_data_key)
        .unwrap();
    let sealed = session
        .public()
        .seal_data_key(&context, &data_key, &mut SystemRandom)
        .unwrap();

    let data_key = session.open_data_key(&context, &sealed).unwrap();
    let opened = data_key
        .decrypt_payload(&context, size(7), &encrypted.record)
        .unwrap();
    assert_eq!(opened.expose(), b"hunter2");
}

#[test]
fn a_payload_opens_for_its_own_version_only() {
    let (keyring, namespace) = (keyring(), Namespace::default());
    let other = Namespace::parse("other").unwrap();
    let context = context(&namespace);
    let encrypted = encrypt(&keyring, &context, b"hunter2");
    for foreign in [
        PayloadContext {
            cluster: ClusterId::from_bytes([9; 16]),
            ..context
        },
        PayloadContext {
            kind: Kind::Config,
            ..context
        },
        PayloadContext {
            namespace: &other,
            ..context
        },
        PayloadContext {
            object: ObjectId::from_bytes([9; 16]),
            ..context
        },
        PayloadContext {
            version: Version::FIRST.next(),
            ..context
        },
    ] {
        let opened = keyring.decrypt_payload(&foreign, size(7), &encrypted);
        assert!(opened.is_err(), "{foreign:?}");
        // Also where the key was had from the right place.
        let data_key = keyring
            .open_data_key(&context, &encrypted.wrapped_data_key)
            .unwrap();
        let opened = data_key.decrypt_payload(&foreign, size(7), &encrypted.record);
        assert!(opened.is_err(), "{foreign:?}");
    }
    assert!(
        keyring
            .decrypt_payload(&context, size(8), &encrypted)
            .is_err()
    );
    assert!(
        self::keyring()
            .decrypt_payload(&context, size(7), &encrypted)
            .is_err()
    );
}

#[test]
fn swapped_payloads_and_keys_are_refused() {
    let (keyring, namespace) = (keyring(), Namespace::default());
    let context = context(&namespace);
    let second = PayloadContext {
        version: Version::FIRST.next(),
        ..context
    };
    let first_payload = encrypt(&keyring, &context, b"first!!");
    let second_payload = encrypt(&keyring, &second, b"second!");
    let swapped = EncryptedPayload {
        wrapped_data_key: first_payload.wrapped_data_key.clone(),
        record: second_payload.record.clone(),
    };
    for context in [&context, &second] {
        assert!(keyring.decrypt_payload(context, size(7), &swapped).is_err());
    }
    assert!(
        keyring
            .decrypt_payload(&context, size(7), &second_payload)
            .is_err()
    );
    assert!(
        keyring
            .decrypt_payload(&second, size(7), &first_payload)
            .is_err()
    );
}

#[test]
fn a_wrapped_key_of_an_unknown_epoch_is_refused() {
    let (keyring, namespace) = (keyring(), Namespace::default());
    let context = context(&namespace);
    assert_eq!(keyring.current_epoch(), KeyEpoch::FIRST);
    let wrapped = encrypt(&keyring, &context, b"hunter2").wrapped_data_key;
    for epoch in [0u32, 2, u32::MAX] {
        let mut altered = wrapped.clone();
        altered[4..8].copy_from_slice(&epoch.to_be_bytes());
        assert!(
            keyring.open_data_key(&context, &altered).is_err(),
            "{epoch}"
        );
    }
}

#[test]
fn the_stored_length_hides_short_payloads() {
    let (keyring, namespace) = (keyring(), Namespace::default());
    let context = context(&namespace);
    let stored = |len: usize| encrypt(&keyring, &context, &vec![7; len]).record.len();
    assert!((1..=256).all(|len| stored(len) == stored(1)));
}

#[test]
fn equal_bytes_of_one_object_have_one_digest_and_no_other() {
    let keyring = keyring();
    let digest = |keyring: &Keyring, object, payload: &[u8]| {
        let payload = SecretBytes::from_vec(payload.to_vec());
        keyring.digest(ObjectId::from_bytes([object; 16]), &payload)
    };
    let first = digest(&keyring, 1, b"same");
    assert_eq!(first, digest(&keyring, 1, b"same"));
    assert_ne!(first, digest(&keyring, 2, b"same"));
    assert_ne!(first, digest(&keyring, 1, b"other"));
    assert_ne!(first, digest(&self::keyring(), 1, b"same"));
}

#[test]
fn a_hash_of_records_tells_where_one_ends() {
    let keyring = keyring();
    let key = keyring.root_hash_key();
    assert_eq!(key.hash(&[b"ab", b"c"]), key.hash(&[b"ab", b"c"]));
    assert_ne!(key.hash(&[b"ab", b"c"]), key.hash(&[b"a", b"bc"]));
    assert_ne!(key.hash(&[b"abc"]), key.hash(&[b"abc", b""]));
    assert_ne!(key.hash(&[]), self::keyring().root_hash_key().hash(&[]));
}

#[test]
fn no_key_is_made_and_nothing_encrypted_without_randomness() {
    struct Nothing;
    impl Random for Nothing {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }
    }
    assert!(Keyring::generate(&mut Nothing).is_err());
    let namespace = Namespace::default();
    let payload = SecretBytes::from_vec(vec![7]);
    assert!(
        keyring()
            .encrypt_payload(&context(&namespace), &payload, &mut Nothing)
            .is_err()
    );
}

#[test]
fn printing_keys_shows_no_bytes() {
    let keyring = keyring();
    assert_eq!(format!("{keyring:?}"), "Keyring(epoch 1)");
    assert_eq!(format!("{:?}", keyring.state_key()), "StateKey");
    assert_eq!(format!("{:?}", keyring.root_hash_key()), "RootHashKey");
    let session = SessionSecret::generate(&mut SystemRandom).unwrap();
    assert_eq!(format!("{session:?}"), "SessionSecret");
}
