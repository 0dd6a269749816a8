//! The independent program `tests/interop/decrypt_record.py` reads what this crate writes.
//!
//! python3 is a required tool of the tests: where it is missing they fail.
#![expect(
    clippy::disallowed_methods,
    reason = "another program is what this test is about"
)]

use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use strongroom_crypto::{Keyring, PayloadContext, Random, RandomError, SystemRandom};
use strongroom_model::{ClusterId, Kind, Namespace, ObjectId, Version};
use strongroom_sensitive::SecretBytes;

const PROGRAM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/interop/decrypt_record.py"
);
const RECORDS: &str = include_str!("../../../tests/fixtures/v1/records.json");

fn run(cases: &Value) -> Output {
    let mut program = Command::new("python3")
        .args(["-B", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is needed for this test: install it (Debian: apt-get install python3)");
    let mut input = program.stdin.take().expect("piped");
    input
        .write_all(cases.to_string().as_bytes())
        .expect("the program reads all of its input");
    drop(input);
    program.wait_with_output().expect("the program ends")
}

/// What the program prints, line by line.
fn decrypted(cases: &Value) -> Vec<String> {
    let output = run(cases);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).expect("hex is UTF-8");
    text.lines().map(str::to_owned).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The system's randomness, kept: the keys that are drawn from it.
struct Recorded(Vec<Vec<u8>>);

impl Random for Recorded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        SystemRandom.fill(bytes)?;
        self.0.push(bytes.to_vec());
        Ok(())
    }
}

#[test]
fn the_golden_records_are_decrypted() {
    let cases: Value = serde_json::from_str(RECORDS).unwrap();
    let expected = cases.as_array().unwrap().iter();
    let expected: Vec<&str> = expected
        .map(|case| case["content"].as_str().unwrap())
        .collect();
    assert_eq!(decrypted(&cases), expected);
}

#[test]
fn fresh_payloads_are_decrypted_from_the_epochs_key_on() {
    let namespace = Namespace::parse("team-a").unwrap();
    let context = PayloadContext {
        cluster: ClusterId::from_bytes([0xc1; 16]),
        kind: Kind::Config,
        namespace: &namespace,
        object: ObjectId::from_bytes([0x0b; 16]),
        version: Version::new(7).unwrap(),
    };
    let mut random = Recorded(Vec::new());
    let keyring = Keyring::generate(&mut random).unwrap();
    let epoch_key = random.0[0].clone();
    for len in [1, 256, 1_000] {
        random.0.clear();
        let payload: Vec<u8> = (0..=250).cycle().take(len).collect();
        let secret = SecretBytes::from_vec(payload.clone());
        let encrypted = keyring
            .encrypt_payload(&context, &secret, &mut random)
            .unwrap();
        let of = |field: u8| {
            json!({
                "cluster": hex(&[0xc1; 16]), "field": [field, 2], "namespace": "team-a",
                "object": hex(&[0x0b; 16]), "version": 7,
            })
        };
        let wrapped = json!([{
            "key": hex(&epoch_key), "epoch": 1, "context": of(2),
            "record": hex(&encrypted.wrapped_data_key),
        }]);
        let data_key = decrypted(&wrapped).remove(0);
        assert_eq!(data_key, hex(&random.0[0]), "the data key is drawn first");
        let record = json!([{
            "key": data_key, "epoch": 0, "context": of(1), "content_length": len,
            "record": hex(&encrypted.record),
        }]);
        assert_eq!(decrypted(&record), [hex(&payload)]);
    }
}

#[test]
fn the_program_refuses_what_it_should() {
    let cases: Value = serde_json::from_str(RECORDS).unwrap();
    let changes: [fn(&mut Value); 5] = [
        |case| case["context"]["version"] = json!(4),
        |case| case["context"]["namespace"] = json!("other"),
        |case| case["key"] = json!(hex(&[7; 32])),
        |case| case["content_length"] = json!(28),
        |case| {
            let record = case["record"].as_str().unwrap().to_owned();
            let last = if record.ends_with('0') { "1" } else { "0" };
            case["record"] = json!(format!("{}{last}", &record[..record.len() - 1]));
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut case = cases[0].clone();
        change(&mut case);
        let output = run(&json!([case]));
        assert_eq!(output.status.code(), Some(1), "change {index}");
        assert!(output.stdout.is_empty(), "change {index}");
        assert!(
            output.stderr.starts_with(b"decrypt_record: "),
            "change {index}"
        );
    }
}
