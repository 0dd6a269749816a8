//! Records as they were written by the first version of the format: they are read, and written again to the byte.
//!
//! `tests/fixtures/v1/records.json` is never regenerated. A difference here is a new format, with a magic of its own.

use super::*;
use crate::fixed_random::Scripted;
use crate::hex::{hex, hex_array};
use crate::{Field, SlotKind};
use serde_json::Value;
use strongroom_model::{ClusterId, Kind, Namespace};

const RECORDS: &str = include_str!("../../../../tests/fixtures/v1/records.json");

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("the fixture has this text")
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().expect("the fixture has this number")
}

fn field(code: &Value) -> Field {
    let code = [0, 1].map(|index| code[index].as_u64().expect("a field has two numbers"));
    let detail = u8::try_from(code[1]).expect("a field's numbers are bytes");
    match code {
        [1, 1] => Field::Payload(Kind::Secret),
        [1, 2] => Field::Payload(Kind::Config),
        [2, 1] => Field::DataKey(Kind::Secret),
        [2, 2] => Field::DataKey(Kind::Config),
        [3, _] => Field::State(detail),
        [4, _] => Field::StateMeta(detail),
        [5, 0] => Field::LogEntry,
        [6, 0] => Field::Vote,
        [7, _] => Field::LogMeta(detail),
        [8, 0] => Field::Keyring,
        [9, 1] => Field::RootKey(SlotKind::Passphrase),
        [9, 2] => Field::RootKey(SlotKind::KeyFile),
        [10, 0] => Field::StorageKey,
        other => panic!("the fixture has a field that is not known: {other:?}"),
    }
}

/// A case of the fixture, as it reads.
struct Case {
    name: String,
    key: SecretArray<32>,
    epoch: u32,
    namespace: Option<Namespace>,
    /// Without the namespace.
    context: Context<'static>,
    content: Vec<u8>,
    padded: usize,
    drawn: Vec<u8>,
    record: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let cases: Value = serde_json::from_str(RECORDS).expect("the fixture is JSON");
    let cases = cases.as_array().expect("the fixture is an array").iter();
    cases.map(parse).collect()
}

fn parse(case: &Value) -> Case {
    let context = &case["context"];
    let namespace = context["namespace"].as_str();
    Case {
        name: text(case, "name").to_owned(),
        key: SecretArray::init_with(|key| *key = hex_array(text(case, "key"))),
        epoch: u32::try_from(number(case, "epoch")).expect("an epoch has 32 bits"),
        namespace: namespace.map(|text| Namespace::parse(text).expect("a namespace")),
        context: Context {
            cluster: ClusterId::from_bytes(hex_array(text(context, "cluster"))),
            field: field(&context["field"]),
            namespace: None,
            object: hex_array(text(context, "object")),
            version: number(context, "version"),
        },
        content: hex(text(case, "content")),
        padded: usize::try_from(number(case, "padded_length")).expect("a length"),
        drawn: hex(text(case, "drawn")),
        record: hex(text(case, "record")),
    }
}

#[test]
fn the_first_versions_records_are_written_to_the_byte() {
    let cases = cases();
    assert!(!cases.is_empty());
    for case in cases {
        let namespace = case.namespace.as_ref();
        let context = Context {
            namespace,
            ..case.context
        };
        let content = (case.content.as_slice(), case.padded);
        let mut random = Scripted(&case.drawn);
        let record = encrypt_padded(&case.key, case.epoch, &context, content, &mut random).unwrap();
        let written: String = record.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(record, case.record, "{}: {written}", case.name);
        assert!(random.0.is_empty(), "{}: 32 bytes are drawn", case.name);
    }
}

#[test]
fn the_first_versions_records_are_read() {
    for case in cases() {
        let namespace = case.namespace.as_ref();
        let context = Context {
            namespace,
            ..case.context
        };
        let len = case.content.len();
        let content = decrypt_padded(&case.key, case.epoch, &context, len, &case.record);
        assert_eq!(content.unwrap().expose(), case.content, "{}", case.name);
    }
}
