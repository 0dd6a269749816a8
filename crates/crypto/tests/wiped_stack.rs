//! What an operation leaves on the stack is wiped: the stack is painted before, and looked at afterwards.
#![expect(
    clippy::disallowed_types,
    reason = "dead stack frames can be read through /proc/self/mem only, without unsafe code"
)]

use std::hint::black_box;
use std::{fs::File, os::unix::fs::FileExt as _};
use strongroom_crypto::{
    Context, Field, KeyFile, Keyring, NewSlot, PassphraseParams, PayloadContext, SealKey,
    SessionSecret, SystemRandom, UnsealMaterial,
};
use strongroom_model::{ClusterId, Kind, MemberId, Namespace, ObjectId, PayloadSize, Version};
use strongroom_sensitive::{SecretBytes, WIPED_STACK};

const PAINT: u8 = 0xA5;
const PAINTED: usize = 512 * 1024;
/// A little less than what is painted: the searcher's frame may begin lower than the painter's.
const SEARCHED: usize = PAINTED - 4 * 1024;
/// What the search itself and the way back may have used at the upper end.
const OVERWRITTEN_AFTERWARDS: usize = 8 * 1024;
/// What the wipe's own last calls use below what they wipe.
const BELOW_THE_WIPE: usize = 512;

#[inline(never)]
fn paint() {
    black_box(&mut [PAINT; PAINTED]);
}

/// The stack below the caller, from the deepest byte up.
#[inline(never)]
fn stack_below(memory: &File) -> Vec<u8> {
    let mut found = vec![0; SEARCHED];
    let here = 0u8;
    let lowest = black_box(&raw const here) as usize - SEARCHED;
    memory
        .read_exact_at(&mut found, lowest as u64)
        .expect("a thread's stack is mapped whole");
    found
}

/// Runs an operation and looks at what it left. The last thing that reaches down must be a wipe: the deepest bytes
/// that are no longer paint are zeros, as many as a wipe writes.
fn check(name: &str, mut operation: impl FnMut()) {
    let memory = File::open("/proc/self/mem").expect("a process may read its own memory");
    // Once before, so that one-time initialisation and lazy binding do not count.
    operation();
    paint();
    operation();
    let stack = stack_below(&memory);
    let deepest = stack.iter().position(|byte| *byte != PAINT);
    let deepest = deepest.expect("the operation used the stack");
    assert!(
        deepest > SEARCHED / 2,
        "{name} came near to the end of the paint"
    );
    let wiped = deepest + BELOW_THE_WIPE..deepest + WIPED_STACK - OVERWRITTEN_AFTERWARDS;
    let wiped = &stack[wiped];
    let zeros = wiped.iter().take_while(|byte| **byte == 0).count();
    assert_eq!(
        zeros,
        wiped.len(),
        "{name} went deeper than what is wiped after it"
    );
}

const CLUSTER: ClusterId = ClusterId::from_bytes([1; 16]);

fn context(namespace: &Namespace) -> PayloadContext<'_> {
    PayloadContext {
        cluster: CLUSTER,
        kind: Kind::Secret,
        namespace,
        object: ObjectId::from_bytes([2; 16]),
        version: Version::FIRST,
    }
}

#[test]
fn what_the_keyring_leaves_on_the_stack_is_wiped() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let keyring = Keyring::generate(&mut SystemRandom).unwrap();
    let payload = SecretBytes::from_vec(vec![7; 1_000]);
    let size = PayloadSize::new(Kind::Secret, 1_000).unwrap();
    let encrypt = || {
        keyring
            .encrypt_payload(&context, &payload, &mut SystemRandom)
            .unwrap()
    };
    let encrypted = encrypt();
    check("encrypt_payload", || {
        black_box(encrypt());
    });
    check("decrypt_payload", || {
        black_box(keyring.decrypt_payload(&context, size, &encrypted).unwrap());
    });
    check("digest", || {
        black_box(keyring.digest(context.object, &payload));
    });
    check("hash", || {
        black_box(keyring.root_hash_key().hash(&[b"record"]));
    });
}

#[test]
fn what_the_state_key_leaves_on_the_stack_is_wiped() {
    let context = Context {
        cluster: CLUSTER,
        field: Field::State(1),
        namespace: None,
        object: [0; 16],
        version: 0,
    };
    let keyring = Keyring::generate(&mut SystemRandom).unwrap();
    let key = keyring.state_key();
    let record = key.encrypt(&context, b"record", &mut SystemRandom).unwrap();
    check("encrypt", || {
        black_box(key.encrypt(&context, b"record", &mut SystemRandom).unwrap());
    });
    check("decrypt", || {
        black_box(key.decrypt(&context, &record).unwrap());
    });
}

#[test]
fn what_a_session_leaves_on_the_stack_is_wiped() {
    let namespace = Namespace::default();
    let context = context(&namespace);
    let keyring = Keyring::generate(&mut SystemRandom).unwrap();
    let payload = SecretBytes::from_vec(vec![7; 10]);
    let encrypted = keyring
        .encrypt_payload(&context, &payload, &mut SystemRandom)
        .unwrap();
    let data_key = keyring
        .open_data_key(&context, &encrypted.wrapped_data_key)
        .unwrap();
    let session = SessionSecret::generate(&mut SystemRandom).unwrap();
    let seal = || {
        session
            .public()
            .seal_data_key(&context, &data_key, &mut SystemRandom)
            .unwrap()
    };
    let sealed = seal();
    check("SessionSecret::generate", || {
        black_box(SessionSecret::generate(&mut SystemRandom).unwrap());
    });
    check("seal_data_key", || {
        black_box(seal());
    });
    check("open_data_key", || {
        black_box(session.open_data_key(&context, &sealed).unwrap());
    });
}

#[test]
fn what_unsealing_leaves_on_the_stack_is_wiped() {
    let passphrase = SecretBytes::from_vec(vec![7; 20]);
    let seal_key = SealKey::generate(&mut SystemRandom).unwrap();
    let slots = [
        NewSlot::Passphrase(&passphrase, PassphraseParams::weak_for_tests()),
        NewSlot::KeyFile(&seal_key),
    ];
    let (file, _) = KeyFile::create(CLUSTER, MemberId(1), &slots, &mut SystemRandom).unwrap();
    check("unseal by passphrase", || {
        black_box(
            file.unseal(UnsealMaterial::Passphrase(&passphrase))
                .unwrap(),
        );
    });
    check("unseal by key file", || {
        black_box(file.unseal(UnsealMaterial::KeyFile(&seal_key)).unwrap());
    });
}
