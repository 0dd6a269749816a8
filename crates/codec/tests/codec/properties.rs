//! Any value of each kind comes back as it was, and whatever is read is written again to the byte.

use crate::any::{command, key_file, record};
use proptest::collection::vec;
use proptest::prelude::*;
use strongroom_codec::{
    decode_command, decode_key_file, decode_record, encode_command, encode_key_file, encode_record,
};
use strongroom_crypto::checksum;

proptest! {
    #[test]
    fn a_command_comes_back_as_it_was(command in command()) {
        prop_assert_eq!(decode_command(&encode_command(&command)), Ok(command));
    }

    #[test]
    fn a_record_comes_back_as_it_was(record in record()) {
        prop_assert_eq!(decode_record(&encode_record(&record)), Ok(record));
    }

    #[test]
    fn a_key_file_comes_back_as_it_was(keys in key_file()) {
        prop_assert_eq!(decode_key_file(&encode_key_file(&keys)), Ok(keys));
    }

    #[test]
    fn a_command_that_is_read_is_written_again_to_the_byte(command in command(), edits in edits()) {
        let bytes = edited(encode_command(&command), edits);
        if let Ok(command) = decode_command(&bytes) {
            prop_assert_eq!(encode_command(&command), bytes);
        }
    }

    #[test]
    fn a_record_that_is_read_is_written_again_to_the_byte(record in record(), edits in edits()) {
        let bytes = edited(encode_record(&record), edits);
        if let Ok(record) = decode_record(&bytes) {
            prop_assert_eq!(encode_record(&record), bytes);
        }
    }

    #[test]
    fn a_key_file_that_is_read_is_written_again_to_the_byte(keys in key_file(), edits in edits()) {
        let whole = encode_key_file(&keys);
        let mut bytes = edited(whole[..whole.len() - 32].to_vec(), edits);
        bytes.extend(checksum(&bytes));
        if let Ok(keys) = decode_key_file(&bytes) {
            prop_assert_eq!(encode_key_file(&keys), bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_value_or_refused(body in vec(any::<u8>(), 0..200)) {
        let bytes = [&[1][..], &body].concat();
        if let Ok(command) = decode_command(&bytes) {
            prop_assert_eq!(encode_command(&command), &bytes[..]);
        }
        if let Ok(record) = decode_record(&bytes) {
            prop_assert_eq!(encode_record(&record), &bytes[..]);
        }
        let mut file = [b"SRKF", &bytes[..]].concat();
        file.extend(checksum(&file));
        if let Ok(keys) = decode_key_file(&file) {
            prop_assert_eq!(encode_key_file(&keys), file);
        }
    }
}

/// One byte that is set, put in, or taken out, at a place that wraps around.
#[derive(Clone, Debug)]
enum Edit {
    Set(usize, u8),
    Insert(usize, u8),
    Remove(usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        any::<usize>().prop_map(Edit::Remove),
    ];
    vec(edit, 1..3)
}

fn edited(mut bytes: Vec<u8>, edits: Vec<Edit>) -> Vec<u8> {
    for edit in edits {
        let length = bytes.len();
        match edit {
            Edit::Set(at, byte) => bytes[at % length] = byte,
            Edit::Insert(at, byte) => bytes.insert(at % length, byte),
            Edit::Remove(at) => {
                bytes.remove(at % length);
            }
        }
    }
    bytes
}
