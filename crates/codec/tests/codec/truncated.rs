//! Accidents: every truncation and every flipped bit of one value of each kind.

use crate::sample;
use std::fmt::Debug;
use strongroom_codec::{
    DecodeError, decode_command, decode_key_file, decode_record, encode_command, encode_key_file,
    encode_record,
};

#[test]
fn a_damaged_command_is_refused_or_is_another_command() {
    for (file, command) in sample::commands() {
        let bytes = encode_command(&command);
        for damaged in truncations(&bytes).chain(flips(&bytes)) {
            another(file, &command, &damaged, decode_command, encode_command);
        }
    }
}

#[test]
fn a_damaged_record_is_refused_or_is_another_record() {
    for (file, record) in sample::records() {
        let bytes = encode_record(&record);
        for damaged in truncations(&bytes).chain(flips(&bytes)) {
            another(file, &record, &damaged, decode_record, encode_record);
        }
    }
}

#[test]
fn a_damaged_key_file_is_refused() {
    let bytes = encode_key_file(&sample::key_file());
    for damaged in truncations(&bytes).chain(flips(&bytes)) {
        let error = decode_key_file(&damaged).unwrap_err();
        assert!(
            matches!(error, DecodeError::Truncated(_) | DecodeError::Damaged(_)),
            "{error}"
        );
    }
}

/// Commands and records lie in records that are authenticated, so they have no checksum of their own.
fn another<T: PartialEq + Debug>(
    file: &str,
    value: &T,
    damaged: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    encode: impl Fn(&T) -> Vec<u8>,
) {
    if let Ok(other) = decode(damaged) {
        assert_ne!(&other, value, "{file}");
        assert_eq!(encode(&other), damaged, "{file}");
    }
}

fn truncations(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).map(|length| bytes[..length].to_vec())
}

fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
