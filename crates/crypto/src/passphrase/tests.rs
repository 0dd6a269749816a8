//! Argon2id against its RFC's and its reference implementation's vectors, and the bounds of its parameters.

use super::*;
use crate::hex::hex;

fn stretched(passphrase: &[u8], salt: &[u8], [memory_kib, passes, lanes]: [u32; 3]) -> Vec<u8> {
    let params = PassphraseParams {
        memory_kib,
        passes,
        lanes,
    };
    let passphrase = SecretBytes::from_vec(passphrase.to_vec());
    let key = stretch(&passphrase, salt, params).expect("the parameters are possible");
    key.expose().to_vec()
}

#[test]
fn the_reference_implementations_vectors_come_out() {
    let vectors = [
        (
            "password",
            "somesalt",
            [65_536, 2, 1],
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
        ),
        (
            "password",
            "somesalt",
            [256, 2, 1],
            "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
        ),
        (
            "password",
            "somesalt",
            [256, 2, 2],
            "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037",
        ),
        (
            "password",
            "somesalt",
            [65_536, 1, 1],
            "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98",
        ),
        (
            "password",
            "diffsalt",
            [65_536, 2, 1],
            "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c",
        ),
        (
            "differentpassword",
            "somesalt",
            [65_536, 2, 1],
            "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde",
        ),
    ];
    for (passphrase, salt, params, key) in vectors {
        let made = stretched(passphrase.as_bytes(), salt.as_bytes(), params);
        assert_eq!(made, hex(key), "{passphrase} {salt} {params:?}");
    }
}

/// RFC 9106, 5.3. It has a secret and associated data, which we do not use: it checks the library itself.
#[test]
fn rfc_9106_comes_out_of_the_library() {
    let params = argon2::ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(argon2::AssociatedData::new(&[4; 12]).unwrap())
        .output_len(32)
        .build()
        .unwrap();
    let secret = [3; 8];
    let argon2id =
        Argon2::new_with_secret(&secret, Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut out = [0; 32];
    let mut memory = vec![Block::new(); 32];
    argon2id
        .unwrap()
        .hash_password_into_with_memory(&[1; 32], &[2; 16], &mut out, &mut memory)
        .unwrap();
    assert_eq!(
        out.as_slice(),
        hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
    );
}

#[test]
fn parameters_below_the_rfcs_second_option_are_refused() {
    assert!(PassphraseParams::new(65_536, 3, 4).is_ok());
    for (memory_kib, passes, lanes) in [(65_535, 3, 4), (65_536, 2, 4), (65_536, 3, 3), (0, 0, 0)] {
        let refused = PassphraseParams::new(memory_kib, passes, lanes);
        assert!(
            matches!(refused, Err(ParamsError::TooWeak { .. })),
            "{refused:?}"
        );
    }
    let weak = PassphraseParams::weak_for_tests();
    assert!(PassphraseParams::new(weak.memory_kib(), weak.passes(), weak.lanes()).is_err());
}

#[test]
fn parameters_that_would_stop_the_machine_are_refused() {
    assert!(PassphraseParams::new(4 * 1024 * 1024, 64, 64).is_ok());
    for (memory_kib, passes, lanes) in [
        (4 * 1024 * 1024 + 1, 3, 4),
        (65_536, 65, 4),
        (65_536, 3, 65),
        (u32::MAX, u32::MAX, u32::MAX),
    ] {
        let refused = PassphraseParams::new(memory_kib, passes, lanes);
        assert!(
            matches!(refused, Err(ParamsError::TooStrong { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_new_slot_takes_a_quarter_of_the_memory_at_most_and_no_less_work() {
    const GIB: u64 = 1024 * 1024 * 1024;
    let work = |params: PassphraseParams| params.memory_kib * params.passes;
    let large = PassphraseParams::for_machine(64 * GIB);
    for bytes in [GIB / 2, GIB, 2 * GIB, 4 * GIB, 64 * GIB] {
        let params = PassphraseParams::for_machine(bytes);
        assert!(
            u64::from(params.memory_kib) * 1024 <= bytes.div_ceil(4),
            "{params:?}"
        );
        assert_eq!(work(params), work(large), "{params:?}");
    }
    for bytes in [0, 1, GIB / 4, u64::MAX] {
        let params = PassphraseParams::for_machine(bytes);
        let parsed = PassphraseParams::new(params.memory_kib, params.passes, params.lanes);
        assert_eq!(parsed, Ok(params));
    }
}
