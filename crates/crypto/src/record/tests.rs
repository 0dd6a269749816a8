//! The record by itself: what it is bound to, what it refuses, and what its salt depends on.

use super::*;
use crate::Field;
use crate::fixed_random::{Counting, Scripted};
use proptest::{collection::vec, prelude::*};
use strongroom_model::{ClusterId, Kind, Namespace};

fn key(byte: u8) -> SecretArray<32> {
    SecretArray::init_with(|key| key.fill(byte))
}

fn context(namespace: &Namespace) -> Context<'_> {
    Context {
        cluster: ClusterId::from_bytes([1; 16]),
        field: Field::State(7),
        namespace: Some(namespace),
        object: [2; 16],
        version: 3,
    }
}

#[test]
fn every_altered_byte_of_a_record_is_refused() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let record = encrypt(&key(1), 5, &context, b"content", &mut Counting::default()).unwrap();
    assert_eq!(
        decrypt(&key(1), 5, &context, &record).unwrap().expose(),
        b"content"
    );
    for position in 0..record.len() {
        for alteration in [0x01, 0x80, 0xff, record[position]] {
            let mut altered = record.clone();
            altered[position] ^= alteration;
            if altered == record {
                continue;
            }
            let epoch = claimed_epoch(&altered).unwrap_or(5);
            for epoch in [5, epoch] {
                let refused = decrypt(&key(1), epoch, &context, &altered);
                assert!(refused.is_err(), "byte {position} ^ {alteration}");
            }
        }
    }
}

#[test]
fn a_truncated_or_lengthened_record_is_refused() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let record = encrypt(&key(1), 5, &context, b"content", &mut Counting::default()).unwrap();
    for len in 0..record.len() {
        assert!(
            decrypt(&key(1), 5, &context, &record[..len]).is_err(),
            "{len} bytes"
        );
        assert!(
            decrypt(&key(1), 5, &context, &record[len + 1..]).is_err(),
            "without {len} bytes"
        );
    }
    let mut longer = record;
    longer.push(0);
    assert!(decrypt(&key(1), 5, &context, &longer).is_err());
}

#[test]
fn a_record_opens_in_its_context_only() {
    let (namespace, other) = (Namespace::default(), Namespace::parse("defaul").unwrap());
    let context = context(&namespace);
    let record = encrypt(&key(1), 5, &context, b"content", &mut Counting::default()).unwrap();
    for foreign in [
        Context {
            cluster: ClusterId::from_bytes([9; 16]),
            ..context
        },
        Context {
            field: Field::State(8),
            ..context
        },
        Context {
            field: Field::StateMeta(7),
            ..context
        },
        Context {
            namespace: Some(&other),
            ..context
        },
        Context {
            namespace: None,
            ..context
        },
        Context {
            object: [9; 16],
            ..context
        },
        Context {
            version: 4,
            ..context
        },
    ] {
        assert!(
            decrypt(&key(1), 5, &foreign, &record).is_err(),
            "{foreign:?}"
        );
    }
    assert!(decrypt(&key(1), 4, &context, &record).is_err());
    assert!(decrypt(&key(2), 5, &context, &record).is_err());
}

#[test]
fn a_padded_record_opens_with_its_own_length_only() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let padded = (b"content".as_slice(), 300);
    let record = encrypt_padded(&key(1), 0, &context, padded, &mut Counting::default()).unwrap();
    assert_eq!(record.len(), HEADER + 300 + aead::TAG);
    let opened = decrypt_padded(&key(1), 0, &context, 7, &record).unwrap();
    assert_eq!(opened.expose(), b"content");
    for len in [0, 6, 8, 300, 301, usize::MAX] {
        assert!(
            decrypt_padded(&key(1), 0, &context, len, &record).is_err(),
            "{len}"
        );
    }
    assert!(decrypt(&key(1), 0, &context, &record).is_err());
}

/// The commitment is there for this: GCM alone would take a ciphertext that was made to open under two keys.
#[test]
fn a_wrong_commitment_is_refused_although_the_ciphertext_is_right() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let mut record = encrypt(&key(1), 5, &context, b"content", &mut Counting::default()).unwrap();
    let committed = record[8 + SALT..HEADER].to_vec();
    record[8 + SALT..HEADER].copy_from_slice(&[0; COMMITMENT]);
    assert!(decrypt(&key(1), 5, &context, &record).is_err());
    record[8 + SALT..HEADER].copy_from_slice(&committed);
    assert!(decrypt(&key(1), 5, &context, &record).is_ok());
}

#[test]
fn repeated_randomness_repeats_the_salt_for_the_same_record_only() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let salt = |key: &SecretArray<32>, context: &Context<'_>, content: &[u8]| {
        let record = encrypt(key, 5, context, content, &mut Scripted(&[7; 32])).unwrap();
        record[8..8 + SALT].to_vec()
    };
    let first = salt(&key(1), &context, b"content");
    assert_eq!(first, salt(&key(1), &context, b"content"));
    assert_ne!(first, salt(&key(2), &context, b"content"));
    assert_ne!(
        first,
        salt(
            &key(1),
            &Context {
                version: 4,
                ..context
            },
            b"content"
        )
    );
    assert_ne!(first, salt(&key(1), &context, b"contend"));
}

#[test]
fn fresh_randomness_changes_everything_but_the_header() {
    let namespace = Namespace::default();
    let mut random = Counting::default();
    let mut record = || encrypt(&key(1), 5, &context(&namespace), &[0; 64], &mut random).unwrap();
    let (first, second) = (record(), record());
    assert_eq!(first[..8], second[..8]);
    for part in [8..8 + SALT, 8 + SALT..HEADER, HEADER..HEADER + 64] {
        assert_ne!(first[part.clone()], second[part]);
    }
}

#[test]
fn without_randomness_there_is_no_record() {
    let namespace = Namespace::default();
    let record = encrypt(
        &key(1),
        5,
        &context(&namespace),
        b"content",
        &mut Scripted(&[7; 31]),
    );
    assert_eq!(record, Err(EncryptError::Random(RandomError)));
}

/// Fields of one length each, so that a context is its associated data taken apart.
#[test]
fn no_two_contexts_have_the_same_associated_data() {
    let (short, long) = (
        Namespace::parse("a").unwrap(),
        Namespace::parse("ab").unwrap(),
    );
    let base = Context {
        namespace: None,
        ..context(&short)
    };
    let mut seen = std::collections::BTreeSet::new();
    let kinds = Kind::ALL
        .into_iter()
        .flat_map(|kind| [Field::Payload(kind), Field::DataKey(kind)]);
    let others = [
        Field::State(0),
        Field::State(1),
        Field::StateMeta(1),
        Field::LogEntry,
        Field::Vote,
        Field::LogMeta(0),
        Field::LogMeta(1),
        Field::Keyring,
        Field::RootKey(crate::SlotKind::Passphrase),
        Field::RootKey(crate::SlotKind::KeyFile),
        Field::StorageKey,
    ];
    for field in kinds.chain(others) {
        for namespace in [None, Some(&short), Some(&long)] {
            for epoch in [0, 1] {
                let data = Context {
                    field,
                    namespace,
                    ..base
                }
                .associated_data(epoch, 7);
                assert!(seen.insert(data), "{field:?} {namespace:?} {epoch}");
            }
        }
    }
    assert_eq!(seen.len(), 15 * 3 * 2);
}

proptest! {
    #[test]
    fn what_is_encrypted_is_decrypted(content in vec(any::<u8>(), 0..2000), more in 0usize..300) {
        let namespace = Namespace::default();
        let context = context(&namespace);
        let mut random = Counting::default();
        let record = encrypt(&key(1), 5, &context, &content, &mut random).unwrap();
        let opened = decrypt(&key(1), 5, &context, &record).unwrap();
        prop_assert_eq!(opened.expose(), &content);

        let padded = (content.as_slice(), content.len() + more);
        let record = encrypt_padded(&key(1), 5, &context, padded, &mut random).unwrap();
        let opened = decrypt_padded(&key(1), 5, &context, content.len(), &record).unwrap();
        prop_assert_eq!(opened.expose(), &content);
    }

    #[test]
    fn arbitrary_bytes_are_refused(record in vec(any::<u8>(), 0..400), len in 0usize..400) {
        let namespace = Namespace::default();
        let context = context(&namespace);
        prop_assert!(decrypt(&key(1), 0, &context, &record).is_err());
        let magic = [MAGIC.as_slice(), &[0; 4], &record].concat();
        prop_assert!(decrypt_padded(&key(1), 0, &context, len, &magic).is_err());
    }
}
