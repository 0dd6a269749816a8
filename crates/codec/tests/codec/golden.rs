//! Encodings as the first version wrote them: they are read as the value that they were, and written again to the byte.
//!
//! `tests/fixtures/v1` is never regenerated. A difference here is a new format, with a number of its own.

use crate::sample;
use std::fmt::Debug;
use std::path::PathBuf;
use strongroom_codec::{
    decode_command, decode_key_file, decode_record, encode_command, encode_key_file, encode_record,
};

#[test]
fn commands_of_the_first_format_are_read_and_written_to_the_byte() {
    for (file, command) in sample::commands() {
        holds(file, &command, decode_command, encode_command);
    }
}

#[test]
fn records_of_the_first_format_are_read_and_written_to_the_byte() {
    for (file, record) in sample::records() {
        holds(file, &record, decode_record, encode_record);
    }
}

#[test]
fn a_key_file_of_the_first_format_is_read_and_written_to_the_byte() {
    holds(
        "key-file",
        &sample::key_file(),
        decode_key_file,
        encode_key_file,
    );
}

#[test]
fn every_golden_file_belongs_to_a_value() {
    let mut known: Vec<String> = sample::commands()
        .iter()
        .map(|(file, _)| format!("{file}.hex"))
        .collect();
    known.extend(
        sample::records()
            .iter()
            .map(|(file, _)| format!("{file}.hex")),
    );
    known.push("key-file.hex".to_owned());
    known.sort();
    let mut found: Vec<String> = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, known);
}

fn holds<T: PartialEq + Debug, E: Debug>(
    file: &str,
    value: &T,
    decode: impl Fn(&[u8]) -> Result<T, E>,
    encode: impl Fn(&T) -> Vec<u8>,
) {
    let bytes = golden(file);
    assert_eq!(&decode(&bytes).expect(file), value, "{file}");
    assert_eq!(encode(value), bytes, "{file}");
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1")
}

/// Lines of hexadecimal.
fn golden(file: &str) -> Vec<u8> {
    let path = directory().join(format!("{file}.hex"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect(file))
        .collect()
}
