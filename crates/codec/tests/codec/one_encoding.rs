//! Protobuf can say one thing in many ways. Here there is one: what an encoder of ours would not have written is
//! refused, so that equal values are equal bytes and nothing is lost when one is written again.

use crate::wire::{bytes, framed, number, text};
use strongroom_codec::{
    DecodeError, What, decode_command, decode_record, encode_command, encode_record,
};

/// The fields of a detached task, and those in its message.
fn time() -> Vec<u8> {
    number(2, 5)
}

fn detach() -> Vec<u8> {
    bytes(11, &[text(1, "n"), text(2, "c")])
}

#[test]
fn what_is_written_by_hand_in_the_one_way_is_read() {
    for parts in [
        vec![time(), detach()],
        vec![update_labels(&[label("a", "1"), label("b", "")])],
    ] {
        let bytes = framed(&parts);
        assert_eq!(encode_command(&decode_command(&bytes).unwrap()), bytes);
    }
    for record in [response(1), service(u64::from(u32::MAX - 1))] {
        assert_eq!(encode_record(&decode_record(&record).unwrap()), record);
    }
}

#[test]
fn fields_in_another_order_are_refused() {
    refused(&[detach(), time()]);
    refused(&[time(), bytes(11, &[text(2, "c"), text(1, "n")])]);
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    refused(&[time(), time(), detach()]);
    refused(&[
        time(),
        bytes(11, &[text(1, "n")]),
        bytes(11, &[text(2, "c")]),
    ]);
    refused(&[time(), bytes(12, &[text(1, "n")]), detach()]);
}

#[test]
fn a_default_that_is_written_out_is_refused() {
    refused(&[number(2, 0), detach()]);
}

#[test]
fn a_varint_that_is_longer_than_it_must_be_is_refused() {
    refused(&[vec![2 << 3, 0x85, 0x00], detach()]);
}

#[test]
fn a_field_that_is_not_known_is_refused() {
    refused(&[time(), detach(), number(15, 1)]);
    refused(&[
        time(),
        bytes(11, &[text(1, "n"), text(2, "c"), text(3, "x")]),
    ]);
}

#[test]
fn a_kind_of_command_that_is_not_known_is_refused() {
    refused(&[time(), bytes(13, &[text(1, "n")])]);
}

#[test]
fn labels_in_another_order_or_twice_are_refused() {
    refused(&[update_labels(&[label("b", ""), label("a", "1")])]);
    refused(&[update_labels(&[label("a", "1"), label("a", "1")])]);
    refused(&[update_labels(&[label("a", "0"), label("a", "1")])]);
}

#[test]
fn a_label_that_is_written_in_another_way_is_refused() {
    refused(&[update_labels(&[bytes(2, &[text(2, "1"), text(1, "a")])])]);
    refused(&[update_labels(&[bytes(2, &[text(1, "a"), text(2, "")])])]);
}

#[test]
fn a_truth_that_is_not_one_is_refused() {
    assert_eq!(
        decode_record(&response(2)),
        Err(DecodeError::Damaged(What::Record))
    );
}

#[test]
fn a_number_with_more_bits_than_its_field_is_refused() {
    let long = u64::from(u32::MAX - 1) | 1 << 32;
    assert_eq!(
        decode_record(&service(long)),
        Err(DecodeError::Damaged(What::Record))
    );
}

fn refused(parts: &[Vec<u8>]) {
    let bytes = framed(parts);
    assert_eq!(
        decode_command(&bytes),
        Err(DecodeError::Damaged(What::Command)),
        "{bytes:02x?}"
    );
}

fn update_labels(labels: &[Vec<u8>]) -> Vec<u8> {
    let name = bytes(1, &[number(1, 1), text(2, "default"), text(3, "a")]);
    bytes(4, &[name, labels.concat()])
}

fn label(key: &str, value: &str) -> Vec<u8> {
    let mut parts = vec![text(1, key)];
    if !value.is_empty() {
        parts.push(text(2, value));
    }
    bytes(2, &parts)
}

/// A remembered request that added a version, or says so in another way.
fn response(added: u64) -> Vec<u8> {
    let version = bytes(5, &[bytes(1, &[[7; 16]]), number(2, 1), number(3, added)]);
    framed(&[bytes(
        6,
        &[bytes(1, &[[9; 16]]), number(2, 4), number(3, 5), version],
    )])
}

/// A service with one reference of the user `uid`.
fn service(uid: u64) -> Vec<u8> {
    let reference = bytes(
        5,
        &[
            number(1, 1),
            bytes(2, &[[7; 16]]),
            text(3, "a"),
            number(4, 1),
            text(5, "a"),
            number(6, uid),
            number(8, 0o400),
        ],
    );
    framed(&[bytes(
        4,
        &[
            bytes(1, &[[8; 16]]),
            text(2, "default"),
            text(3, "web"),
            reference,
            number(6, 1),
        ],
    )])
}
