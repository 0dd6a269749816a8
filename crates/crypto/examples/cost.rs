//! What each operation costs on this machine: `cargo run --release -p strongroom-crypto --example cost`.
//!
//! The figures of `docs/KEYS.md` come from here.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a measurement looks at the clock and prints"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};
use strongroom_crypto::{
    Context, Field, KeyFile, Keyring, NewSlot, PassphraseParams, PayloadContext, SessionSecret,
    SystemRandom,
};
use strongroom_model::{ClusterId, Kind, MemberId, Namespace, ObjectId, PayloadSize, Version};
use strongroom_sensitive::{SecretBytes, on_wiped_stack};

const CLUSTER: ClusterId = ClusterId::from_bytes([1; 16]);

/// The median of many rounds.
fn time(name: &str, rounds: usize, mut operation: impl FnMut()) {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            operation();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let (median, slow) = (times[rounds / 2], times[rounds * 99 / 100]);
    println!(
        "{name:40} p50 {:>12.2} µs   p99 {:>12.2} µs",
        micros(median),
        micros(slow)
    );
}

fn payloads(keyring: &Keyring) {
    let namespace = Namespace::default();
    let context = PayloadContext {
        cluster: CLUSTER,
        kind: Kind::Secret,
        namespace: &namespace,
        object: ObjectId::from_bytes([2; 16]),
        version: Version::FIRST,
    };
    for len in [32, 1_024, 65_536, 1_048_576] {
        let rounds = (20_000_000 / (len + 1_000)).max(100);
        let payload = SecretBytes::from_vec(vec![7; len]);
        let size = PayloadSize::new(Kind::Secret, len).expect("within the limit");
        let encrypt = || keyring.encrypt_payload(&context, &payload, &mut SystemRandom);
        let encrypted = encrypt().expect("the system has randomness");
        time(&format!("encrypt and wrap {len} bytes"), rounds, || {
            drop(black_box(encrypt()));
        });
        time(&format!("unwrap and decrypt {len} bytes"), rounds, || {
            drop(black_box(
                keyring.decrypt_payload(&context, size, &encrypted),
            ));
        });
        time(&format!("digest of {len} bytes"), rounds, || {
            black_box(keyring.digest(context.object, &payload));
        });
    }
    let session = SessionSecret::generate(&mut SystemRandom).expect("the system has randomness");
    let payload = SecretBytes::from_vec(vec![7; 32]);
    let encrypted = keyring.encrypt_payload(&context, &payload, &mut SystemRandom);
    let encrypted = encrypted.expect("the system has randomness");
    let data_key = keyring.open_data_key(&context, &encrypted.wrapped_data_key);
    let data_key = data_key.expect("its own record");
    let seal = || {
        session
            .public()
            .seal_data_key(&context, &data_key, &mut SystemRandom)
    };
    let sealed = seal().expect("a good key");
    time("seal a data key to a session", 2_000, || {
        drop(black_box(seal()));
    });
    time("open a sealed data key", 2_000, || {
        drop(black_box(session.open_data_key(&context, &sealed)));
    });
}

fn records(keyring: &Keyring) {
    let context = Context {
        cluster: CLUSTER,
        field: Field::State(1),
        namespace: None,
        object: [0; 16],
        version: 0,
    };
    let content = [7; 300];
    let encrypt = || {
        keyring
            .state_key()
            .encrypt(&context, &content, &mut SystemRandom)
    };
    let record = encrypt().expect("the system has randomness");
    time("encrypt a record of 300 bytes", 20_000, || {
        drop(black_box(encrypt()));
    });
    time("decrypt a record of 300 bytes", 20_000, || {
        drop(black_box(keyring.state_key().decrypt(&context, &record)));
    });
}

fn passphrases() {
    let passphrase = SecretBytes::from_vec(vec![7; 20]);
    for gib in [1, 4, 16] {
        let params = PassphraseParams::for_machine(gib << 30);
        let name = format!(
            "Argon2id {} MiB, {} passes, {} lanes",
            params.memory_kib() / 1024,
            params.passes(),
            params.lanes()
        );
        let slots = [NewSlot::Passphrase(&passphrase, params)];
        time(&name, 3, || {
            drop(KeyFile::create(
                CLUSTER,
                MemberId(1),
                &slots,
                &mut SystemRandom,
            ));
        });
    }
}

fn main() {
    let keyring = Keyring::generate(&mut SystemRandom).expect("the system has randomness");
    time("wiping the stack, by itself", 20_000, || {
        on_wiped_stack(|| ());
    });
    payloads(&keyring);
    records(&keyring);
    passphrases();
}
