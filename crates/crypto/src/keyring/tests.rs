//! The keyring's encoding, and what is refused in one.

use super::*;
use crate::fixed_random::Counting;

fn keyring() -> Keyring {
    Keyring::generate(&mut Counting::default()).expect("counting does not fail")
}

fn refused(encoded: &[u8]) -> bool {
    Keyring::decode(encoded).is_err()
}

#[test]
fn a_keyring_comes_back_with_every_epoch() {
    let mut random = Counting::default();
    let mut keyring = keyring();
    for number in [2, 7, u32::MAX] {
        let key = EpochKey::generate(&mut random).unwrap();
        keyring.epochs.insert(KeyEpoch::new(number).unwrap(), key);
    }
    let again = Keyring::decode(keyring.encode().expose()).unwrap();
    assert_eq!(again.current_epoch().get(), u32::MAX);
    assert!(again.encode().ct_eq(&keyring.encode()));
}

#[test]
fn the_encoding_is_the_documented_one() {
    let key = |first: u8| (first..first + 32).collect::<Vec<u8>>();
    let expected = [
        vec![1],
        vec![1, 0, 0, 0, 1],
        key(0),
        vec![2, 0, 0, 0, 0],
        key(32),
        vec![3, 0, 0, 0, 0],
        key(64),
        vec![4, 0, 0, 0, 0],
        key(96),
    ];
    assert_eq!(keyring().encode().expose(), expected.concat());
}

#[test]
fn a_keyring_that_is_not_understood_is_refused() {
    let encoded = keyring().encode().expose().to_vec();
    for len in 0..encoded.len() {
        assert!(refused(&encoded[..len]), "{len} bytes");
    }
    let with = |position: usize, byte: u8| {
        let mut altered = encoded.clone();
        altered[position] = byte;
        altered
    };
    assert!(!refused(&encoded));
    assert!(refused(&with(0, 2)), "another format");
    assert!(refused(&with(1, 9)), "an unknown key");
    assert!(refused(&with(1, 2)), "an epoch key's number on another key");
    assert!(refused(&with(5, 0)), "epoch 0");
    assert!(
        refused(&with(1 + ENTRY, 3)),
        "a key twice and another never"
    );
    assert!(
        refused(&with(1 + ENTRY + 4, 1)),
        "a number on a key that has none"
    );
    let twice = [encoded.as_slice(), &encoded[1..=ENTRY]].concat();
    assert!(refused(&twice), "an epoch twice");
    assert!(refused(&[encoded.as_slice(), &[0]].concat()), "a byte more");
}

#[test]
fn a_wrapped_keyring_of_a_later_format_is_told_from_a_damaged_one() {
    let mut random = Counting::default();
    let root = RootKey::generate(&mut random).unwrap();
    let cluster = ClusterId::from_bytes([1; 16]);
    let wrapped = keyring().wrap(cluster, &root, &mut random).unwrap();
    assert!(matches!(
        Keyring::unwrap(cluster, &root, &wrapped),
        Ok(Ok(_))
    ));

    let later = record::encrypt(&root.0, 0, &context(cluster), &[2, 0, 0], &mut random).unwrap();
    let later = Keyring::unwrap(cluster, &root, &later);
    assert!(matches!(later, Ok(Err(KeyringFormatError))));

    let elsewhere = ClusterId::from_bytes([2; 16]);
    assert!(Keyring::unwrap(elsewhere, &root, &wrapped).is_err());
}
