//! HPKE against the vector of its RFC's test file, and what a sealed data key is bound to.

use super::*;
use crate::fixed_random::{Counting, Scripted};
use crate::hex::{hex, hex_array};
use strongroom_model::{ClusterId, Kind, Namespace, ObjectId, Version};

/// The first message of the RFC's vector for base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
const SENDER_SEED: &str = "2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9";
const RECIPIENT_SEED: &str = "dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee";
const RECIPIENT: &str = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c";
const ENCAPSULATED: &str = "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256";
const CIPHERTEXT: &str =
    "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a";
const INFO: &[u8] = b"Ode on a Grecian Urn";
const FIRST_AAD: &[u8] = b"Count-0";
const MESSAGE: &[u8] = b"Beauty is truth, truth beauty";

#[test]
fn the_rfcs_vector_comes_out() {
    let session = SessionSecret::generate(&mut Scripted(&hex(RECIPIENT_SEED))).unwrap();
    assert_eq!(session.public().0, hex_array(RECIPIENT));
    let seed = SecretArray::init_with(|seed| *seed = hex_array(SENDER_SEED));
    let sealed = seal(&session.public(), INFO, FIRST_AAD, MESSAGE, &seed).unwrap();
    assert_eq!(sealed.encapsulated_key, hex_array(ENCAPSULATED));
    assert_eq!(sealed.ciphertext, hex(CIPHERTEXT));
    let opened = open(&session.secret, INFO, FIRST_AAD, &sealed).unwrap();
    assert_eq!(opened.expose(), MESSAGE);
}

fn context(namespace: &Namespace) -> PayloadContext<'_> {
    PayloadContext {
        cluster: ClusterId::from_bytes([1; 16]),
        kind: Kind::Secret,
        namespace,
        object: ObjectId::from_bytes([2; 16]),
        version: Version::FIRST,
    }
}

#[test]
fn a_sealed_data_key_opens_for_its_version_and_session_only() {
    let (namespace, other) = (Namespace::default(), Namespace::parse("other").unwrap());
    let context = context(&namespace);
    let mut random = Counting::default();
    let session = SessionSecret::generate(&mut random).unwrap();
    let data_key = DataKey::generate(&mut random).unwrap();
    let sealed = session
        .public()
        .seal_data_key(&context, &data_key, &mut random)
        .unwrap();
    let opened = session.open_data_key(&context, &sealed).unwrap();
    assert!(opened.0.ct_eq(&data_key.0));

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
        assert!(
            session.open_data_key(&foreign, &sealed).is_err(),
            "{foreign:?}"
        );
    }
    let next_session = SessionSecret::generate(&mut random).unwrap();
    assert!(next_session.open_data_key(&context, &sealed).is_err());
}

#[test]
fn an_altered_or_truncated_sealed_data_key_is_refused() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let mut random = Counting::default();
    let session = SessionSecret::generate(&mut random).unwrap();
    let data_key = DataKey::generate(&mut random).unwrap();
    let sealed = session
        .public()
        .seal_data_key(&context, &data_key, &mut random)
        .unwrap();
    for position in 0..32 + sealed.ciphertext.len() {
        let mut altered = sealed.clone();
        let [key, text] = [
            &mut altered.encapsulated_key[..],
            &mut altered.ciphertext[..],
        ];
        *key.iter_mut().chain(text).nth(position).unwrap() ^= 1;
        assert!(
            session.open_data_key(&context, &altered).is_err(),
            "byte {position}"
        );
    }
    for len in 0..sealed.ciphertext.len() {
        let ciphertext = sealed.ciphertext[..len].to_vec();
        let truncated = SealedDataKey {
            ciphertext,
            ..sealed
        };
        assert!(
            session.open_data_key(&context, &truncated).is_err(),
            "{len} bytes"
        );
    }
}

#[test]
fn two_sealings_of_one_key_have_nothing_in_common() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let mut random = Counting::default();
    let session = SessionSecret::generate(&mut random).unwrap();
    let data_key = DataKey::generate(&mut random).unwrap();
    let mut seal = || {
        session
            .public()
            .seal_data_key(&context, &data_key, &mut random)
            .unwrap()
    };
    let (first, second) = (seal(), seal());
    assert_ne!(first.encapsulated_key, second.encapsulated_key);
    assert_ne!(first.ciphertext, second.ciphertext);
}

#[test]
fn a_public_key_of_low_order_is_refused() {
    let namespace = Namespace::default();
    let data_key = DataKey::generate(&mut Counting::default()).unwrap();
    for public in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        let sealed = SessionPublicKey(public).seal_data_key(
            &context(&namespace),
            &data_key,
            &mut Counting::default(),
        );
        assert_eq!(sealed, Err(SealDataKeyError::PublicKey));
    }
}

#[test]
fn without_randomness_there_is_no_session_and_no_sealing() {
    let namespace = Namespace::default();
    assert!(SessionSecret::generate(&mut Scripted(&[7; 31])).is_err());
    let session = SessionSecret::generate(&mut Counting::default()).unwrap();
    let data_key = DataKey::generate(&mut Counting::default()).unwrap();
    let sealed =
        session
            .public()
            .seal_data_key(&context(&namespace), &data_key, &mut Scripted(&[]));
    assert_eq!(sealed, Err(SealDataKeyError::Random(RandomError)));
}

#[test]
fn a_generator_that_is_asked_for_too_much_says_so() {
    use hpke::rand_core::Rng as _;
    let seed = SecretArray::init_with(|seed| seed.fill(7));
    let mut drawn = Drawn::new(&seed);
    drawn.fill_bytes(&mut [0; 32]);
    assert!(!drawn.overdrawn);
    drawn.fill_bytes(&mut [0; 1]);
    assert!(drawn.overdrawn);
}
