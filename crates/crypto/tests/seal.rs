//! Sealing and unsealing: which material opens what, and what is said where it does not.

use strongroom_crypto::{
    Context, Field, KeyFile, NewSlot, PassphraseParams, SealError, SealKey, SealKeyError, Slot,
    SlotKind, SystemRandom, UnsealError, UnsealMaterial, Unsealed,
};
use strongroom_model::{ClusterId, MemberId};
use strongroom_sensitive::SecretBytes;

const CLUSTER: ClusterId = ClusterId::from_bytes([1; 16]);
const MEMBER: MemberId = MemberId(1);

fn secret(text: &str) -> SecretBytes {
    SecretBytes::from_vec(text.as_bytes().to_vec())
}

fn seal_key() -> SealKey {
    SealKey::generate(&mut SystemRandom).expect("the system has randomness")
}

/// Keys under a passphrase and a key file.
fn sealed(passphrase: &SecretBytes, seal_key: &SealKey) -> (KeyFile, Unsealed) {
    let slots = [
        NewSlot::Passphrase(passphrase, PassphraseParams::weak_for_tests()),
        NewSlot::KeyFile(seal_key),
    ];
    KeyFile::create(CLUSTER, MEMBER, &slots, &mut SystemRandom).expect("nothing is wrong")
}

/// Whether both have the same keys: what one encrypts, the other decrypts.
fn same_keys(left: &Unsealed, right: &Unsealed) -> bool {
    let context = Context {
        cluster: CLUSTER,
        field: Field::Vote,
        namespace: None,
        object: [0; 16],
        version: 0,
    };
    let random = &mut SystemRandom;
    let stored = left.storage_key.encrypt(&context, b"vote", random);
    let stored = stored.expect("the system has randomness");
    let state = left.keyring.state_key().encrypt(&context, b"state", random);
    let state = state.expect("the system has randomness");
    right.storage_key.decrypt(&context, &stored).is_ok()
        && right.keyring.state_key().decrypt(&context, &state).is_ok()
        && right.storage_key.decrypt(&context, &state).is_err()
        && left.keyring.root_hash_key().hash(&[]) == right.keyring.root_hash_key().hash(&[])
}

#[test]
fn each_slot_opens_the_same_keys() {
    let (passphrase, key) = (secret("correct horse"), seal_key());
    let (file, open) = sealed(&passphrase, &key);
    for material in [
        UnsealMaterial::Passphrase(&passphrase),
        UnsealMaterial::KeyFile(&key),
    ] {
        let again = file.unseal(material).unwrap();
        assert!(same_keys(&open, &again), "{material:?}");
    }
}

#[test]
fn the_wrong_passphrase_and_the_wrong_key_file_are_named() {
    let (file, _) = sealed(&secret("correct horse"), &seal_key());
    for passphrase in ["correct hors", "correct horse ", "Correct horse", "", "x"] {
        let refused = file.unseal(UnsealMaterial::Passphrase(&secret(passphrase)));
        assert_eq!(
            refused.unwrap_err(),
            UnsealError::WrongSeal(SlotKind::Passphrase)
        );
    }
    let refused = file
        .unseal(UnsealMaterial::KeyFile(&seal_key()))
        .unwrap_err();
    assert_eq!(refused, UnsealError::WrongSeal(SlotKind::KeyFile));
    assert_eq!(
        refused.to_string(),
        "wrong key file: give the one that the keys were sealed with"
    );
}

#[test]
fn what_there_is_no_slot_for_is_named() {
    let key = seal_key();
    let slots = [NewSlot::KeyFile(&key)];
    let (file, _) = KeyFile::create(CLUSTER, MEMBER, &slots, &mut SystemRandom).unwrap();
    let refused = file
        .unseal(UnsealMaterial::Passphrase(&secret("x")))
        .unwrap_err();
    assert_eq!(refused, UnsealError::NoSuchSlot(SlotKind::Passphrase));
    let (none, _) = KeyFile::create(CLUSTER, MEMBER, &[], &mut SystemRandom).unwrap();
    let refused = none.unseal(UnsealMaterial::KeyFile(&key)).unwrap_err();
    assert_eq!(refused, UnsealError::NoSuchSlot(SlotKind::KeyFile));
}

#[test]
fn every_slot_of_a_kind_is_tried() {
    let (first, second) = (seal_key(), seal_key());
    let (mut file, open) = sealed(&secret("one"), &first);
    let slot = NewSlot::KeyFile(&second);
    file.add_slot(slot, &open.root, &mut SystemRandom).unwrap();
    let phrase = secret("two");
    let slot = NewSlot::Passphrase(&phrase, PassphraseParams::weak_for_tests());
    file.add_slot(slot, &open.root, &mut SystemRandom).unwrap();
    assert_eq!(file.slots.len(), 4);
    for material in [
        UnsealMaterial::KeyFile(&first),
        UnsealMaterial::KeyFile(&second),
        UnsealMaterial::Passphrase(&secret("one")),
        UnsealMaterial::Passphrase(&phrase),
    ] {
        assert!(
            same_keys(&open, &file.unseal(material).unwrap()),
            "{material:?}"
        );
    }
}

#[test]
fn an_empty_passphrase_makes_no_slot() {
    let empty = secret("");
    let slots = [NewSlot::Passphrase(
        &empty,
        PassphraseParams::weak_for_tests(),
    )];
    let refused = KeyFile::create(CLUSTER, MEMBER, &slots, &mut SystemRandom);
    assert_eq!(refused.unwrap_err(), SealError::Passphrase);
}

#[test]
fn a_key_file_of_another_length_is_refused() {
    for len in [0, 31, 33] {
        let refused = SealKey::from_bytes(&SecretBytes::from_vec(vec![7; len]));
        assert_eq!(refused.unwrap_err(), SealKeyError(len));
    }
    let key = seal_key();
    let content = SecretBytes::from_vec(key.expose().to_vec());
    assert_eq!(
        SealKey::from_bytes(&content).unwrap().expose(),
        key.expose()
    );
}

/// The key file after `damage`, opened with the right material.
fn opened_after(damage: impl FnOnce(&mut KeyFile)) -> Result<(), UnsealError> {
    let key = seal_key();
    let (mut file, _) = sealed(&secret("x"), &key);
    damage(&mut file);
    file.unseal(UnsealMaterial::KeyFile(&key)).map(|_| ())
}

#[test]
fn damage_behind_the_right_seal_is_told_from_a_wrong_seal() {
    assert_eq!(opened_after(|_| {}), Ok(()));
    let damages: [fn(&mut KeyFile); 6] = [
        |file| file.wrapped_keyring[100] ^= 1,
        |file| file.wrapped_storage_key[100] ^= 1,
        |file| file.wrapped_keyring.clear(),
        |file| file.wrapped_storage_key.truncate(100),
        |file| file.member = MemberId(2),
        |file| std::mem::swap(&mut file.wrapped_keyring, &mut file.wrapped_storage_key),
    ];
    for (index, damage) in damages.into_iter().enumerate() {
        assert_eq!(
            opened_after(damage),
            Err(UnsealError::Damaged),
            "damage {index}"
        );
    }
    let truncated = opened_after(|file| {
        for slot in &mut file.slots {
            let (Slot::Passphrase { wrapped, .. } | Slot::KeyFile { wrapped, .. }) = slot;
            wrapped.pop();
        }
    });
    assert_eq!(truncated, Err(UnsealError::Damaged));
}

#[test]
fn keys_of_another_cluster_do_not_open() {
    let moved = opened_after(|file| file.cluster = ClusterId::from_bytes([9; 16]));
    assert_eq!(moved, Err(UnsealError::WrongSeal(SlotKind::KeyFile)));
}

#[test]
fn another_members_storage_key_does_not_open() {
    let key = seal_key();
    let (mut first, open) = sealed(&secret("x"), &key);
    let (second, _) = sealed(&secret("x"), &key);
    first.wrapped_storage_key = second.wrapped_storage_key;
    let refused = first.unseal(UnsealMaterial::KeyFile(&key)).unwrap_err();
    assert_eq!(refused, UnsealError::Damaged);
    drop(open);
}

#[test]
fn altered_parameters_and_salts_open_nothing() {
    let passphrase = secret("x");
    let (file, _) = sealed(&passphrase, &seal_key());
    let altered = |change: fn(&mut Slot)| {
        let mut file = file.clone();
        change(&mut file.slots[0]);
        file.unseal(UnsealMaterial::Passphrase(&passphrase))
            .map(|_| ())
    };
    assert_eq!(altered(|_| {}), Ok(()));
    let wrong = Err(UnsealError::WrongSeal(SlotKind::Passphrase));
    let other_salt = altered(|slot| {
        if let Slot::Passphrase { salt, .. } = slot {
            salt[0] ^= 1;
        }
    });
    assert_eq!(other_salt, wrong);
    let other_work = altered(|slot| {
        if let Slot::Passphrase { params, .. } = slot {
            *params = PassphraseParams::new(65_536, 3, 4).expect("the floor");
        }
    });
    assert_eq!(other_work, wrong);
}

/// The floor of the parameters, as production writes it at the least: once, since it takes a while.
#[test]
fn a_passphrase_of_production_strength_opens() {
    let passphrase = secret("correct horse");
    let params = PassphraseParams::new(65_536, 3, 4).unwrap();
    let slots = [NewSlot::Passphrase(&passphrase, params)];
    let (file, open) = KeyFile::create(CLUSTER, MEMBER, &slots, &mut SystemRandom).unwrap();
    let again = file
        .unseal(UnsealMaterial::Passphrase(&passphrase))
        .unwrap();
    assert!(same_keys(&open, &again));
}
