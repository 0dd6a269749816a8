//! Each thing that can be wrong has its own refusal, which names it.

use crate::sample;
use crate::wire::{bytes, framed, key_file, number, summed, text};
use strongroom_codec::{
    DecodeError, What, decode_command, decode_key_file, decode_record, encode_command,
    encode_key_file, encode_record,
};
use strongroom_crypto::ParamsError;

#[test]
fn a_newer_format_is_told_apart_from_damage() {
    for format in 2..=255 {
        let newer = |what| DecodeError::NewerFormat { what, format };
        let mut command = encode_command(&sample::commands()[0].1);
        command[0] = format;
        assert_eq!(decode_command(&command), Err(newer(What::Command)));
        let mut record = encode_record(&sample::records()[0].1);
        record[0] = format;
        assert_eq!(decode_record(&record), Err(newer(What::Record)));
        let keys = [b"SRKF", &[format][..], b"something else"].concat();
        assert_eq!(decode_key_file(&summed(&keys)), Err(newer(What::KeyFile)));
    }
}

#[test]
fn format_zero_is_damage() {
    assert_eq!(
        decode_command(&[0]),
        Err(DecodeError::Damaged(What::Command))
    );
    assert_eq!(decode_record(&[0]), Err(DecodeError::Damaged(What::Record)));
    let keys = summed(b"SRKF\0");
    assert_eq!(
        decode_key_file(&keys),
        Err(DecodeError::Damaged(What::KeyFile))
    );
}

#[test]
fn nothing_is_truncated() {
    assert_eq!(
        decode_command(&[]),
        Err(DecodeError::Truncated(What::Command))
    );
    assert_eq!(
        decode_record(&[]),
        Err(DecodeError::Truncated(What::Record))
    );
    assert_eq!(
        decode_key_file(&[]),
        Err(DecodeError::Truncated(What::KeyFile))
    );
}

#[test]
fn a_message_that_breaks_off_is_damaged() {
    let broken = framed(&[vec![2 << 3 | 2, 200, 1]]);
    assert_eq!(
        decode_command(&broken),
        Err(DecodeError::Damaged(What::Command))
    );
    assert_eq!(
        decode_record(&broken),
        Err(DecodeError::Damaged(What::Record))
    );
    let broken = key_file(&[vec![2 << 3 | 2, 200, 1]]);
    assert_eq!(
        decode_key_file(&broken),
        Err(DecodeError::Damaged(What::KeyFile))
    );
}

#[test]
fn a_key_file_shorter_than_its_frame_is_truncated() {
    let whole = encode_key_file(&sample::key_file());
    for length in 0..37 {
        assert_eq!(
            decode_key_file(&whole[..length]),
            Err(DecodeError::Truncated(What::KeyFile))
        );
    }
}

#[test]
fn a_key_file_with_another_magic_or_checksum_is_damaged() {
    let damaged = Err(DecodeError::Damaged(What::KeyFile));
    let whole = encode_key_file(&sample::key_file());
    let content = &whole[..whole.len() - 32];
    let other = [b"SRKG", &content[4..]].concat();
    assert_eq!(decode_key_file(&summed(&other)), damaged);
    assert_eq!(decode_key_file(b"x"), damaged);
    assert_eq!(decode_key_file(&[content, &[0; 32]].concat()), damaged);
    assert_eq!(decode_key_file(&[&whole[..], b"\n"].concat()), damaged);
}

#[test]
fn a_passphrase_slot_with_too_little_or_too_much_work_is_refused() {
    let work = |memory_kib: u32, passes: u32, lanes: u32| {
        let numbers = [
            number(2, memory_kib.into()),
            number(3, passes.into()),
            number(4, lanes.into()),
        ];
        decode_key_file(&keys(&[
            bytes(1, &[[1; 32]]),
            numbers
                .into_iter()
                .filter(|field| field[1] != 0)
                .collect::<Vec<_>>()
                .concat(),
            text(5, "wrapped"),
        ]))
    };
    for (memory_kib, passes, lanes) in [(65_536, 3, 4), (4_194_304, 64, 64)] {
        assert!(work(memory_kib, passes, lanes).is_ok());
    }
    for (memory_kib, passes, lanes) in [(65_535, 3, 4), (65_536, 2, 4), (65_536, 3, 3), (0, 0, 0)] {
        let error = ParamsError::TooWeak {
            memory_kib,
            passes,
            lanes,
        };
        assert_eq!(
            work(memory_kib, passes, lanes),
            Err(DecodeError::Params(error))
        );
    }
    for (memory_kib, passes, lanes) in [(4_194_305, 3, 4), (65_536, 65, 4), (65_536, 3, u32::MAX)] {
        let error = ParamsError::TooStrong {
            memory_kib,
            passes,
            lanes,
        };
        assert_eq!(
            work(memory_kib, passes, lanes),
            Err(DecodeError::Params(error))
        );
    }
}

#[test]
fn each_field_of_a_key_file_is_checked() {
    let decode = |bytes: Vec<u8>| decode_key_file(&bytes).unwrap_err();
    let field = |field| DecodeError::Field {
        what: What::KeyFile,
        field,
    };
    assert_eq!(decode(key_file(&[])), field("cluster id"));
    assert_eq!(
        decode(key_file(&[bytes(1, &[[1; 17]])])),
        field("cluster id")
    );
    let cluster = || bytes(1, &[[1; 16]]);
    assert_eq!(decode(key_file(&[cluster(), text(3, "")])), field("slot"));
    assert_eq!(decode(keys(&[bytes(1, &[[1; 31]])])), field("salt"));
    let slot = bytes(2, &[text(2, "wrapped")]);
    assert_eq!(
        decode(key_file(&[cluster(), bytes(3, &[slot])])),
        field("salt")
    );
}

#[test]
fn each_field_of_a_command_is_checked() {
    let change = |number, parts: &[Vec<u8>]| framed(&[bytes(number, parts)]);
    let removed =
        |kind, namespace: &str, name: &str| change(5, &[object_name(1, kind, namespace, name)]);
    let named = |number, rest: Vec<u8>| change(number, &[object_name(1, 1, "default", "a"), rest]);
    let name = || object_name(1, 1, "default", "a");
    for (field, bytes) in [
        ("kind", framed(&[number(2, 5)])),
        (
            "request id",
            framed(&[bytes(1, &[[1; 15]]), bytes(5, &[name()])]),
        ),
        ("name", change(5, &[])),
        ("kind", removed(0, "default", "a")),
        ("kind", removed(3, "default", "a")),
        ("namespace", removed(1, "", "a")),
        ("namespace", removed(1, "Default", "a")),
        ("name", removed(1, "default", "")),
        ("name", removed(1, "default", "a/b")),
        ("version number", named(6, Vec::new())),
        ("version number", named(7, Vec::new())),
        ("labels", named(4, bytes(2, &[text(1, "a=b")]))),
        ("label key", named(4, text(3, " a"))),
        ("name", change(9, &[text(1, "default")])),
        ("task id", change(10, &[bytes(1, &[[1; 17]])])),
        ("node", change(11, &[text(2, "c")])),
        ("container", change(11, &[text(1, "n"), text(2, "a/b")])),
        ("container", change(12, &[text(1, "n"), text(2, "")])),
        (
            "set of containers",
            change(12, &[text(1, "n"), text(2, "b"), text(2, "a")]),
        ),
        (
            "set of containers",
            change(12, &[text(1, "n"), text(2, "a"), text(2, "a")]),
        ),
    ] {
        let expected = DecodeError::Field {
            what: What::Command,
            field,
        };
        assert_eq!(decode_command(&bytes), Err(expected), "{bytes:02x?}");
    }
}

#[test]
fn each_field_of_a_write_is_checked() {
    let whole = [
        number(1, 1),
        object_name(2, 1, "default", "a"),
        bytes(3, &[[1; 16]]),
        number(4, 1),
        bytes(5, &[bytes(1, &[text(1, "key")])]),
        bytes(7, &[[1; 32]]),
        number(8, 1_048_576),
    ];
    let wrong = [
        ("intent", 0, Vec::new()),
        ("intent", 0, number(1, 4)),
        ("name", 1, Vec::new()),
        ("object id", 2, Vec::new()),
        ("object id", 2, bytes(3, &[[1; 15]])),
        ("version number", 3, Vec::new()),
        ("labels", 4, bytes(5, &[bytes(1, &[text(2, "value")])])),
        ("digest", 5, bytes(7, &[[1; 33]])),
        ("size", 6, Vec::new()),
        ("size", 6, number(8, 1_048_577)),
    ];
    checked(What::Command, &whole, &wrong, |parts| {
        decode_command(&framed(&[bytes(3, parts)])).err()
    });
}

#[test]
fn each_field_of_a_requested_reference_is_checked() {
    let whole = [
        number(1, 2),
        text(2, "a"),
        text(4, "/etc/a"),
        number(5, 1),
        number(6, 1),
        number(7, 1),
    ];
    let wrong = [
        ("kind", 0, Vec::new()),
        ("name", 1, text(2, "-")),
        ("target", 2, text(4, "../a")),
        ("uid", 3, number(5, u32::MAX.into())),
        ("gid", 4, number(6, u32::MAX.into())),
        ("mode", 5, number(7, 0o1000)),
    ];
    checked(What::Command, &whole, &wrong, |parts| {
        let service = [
            bytes(1, &[[1; 16]]),
            text(2, "default"),
            text(3, "web"),
            bytes(5, parts),
        ];
        decode_command(&framed(&[bytes(8, &service)])).err()
    });
}

#[test]
fn each_field_of_an_object_and_its_versions_is_checked() {
    let whole = [
        bytes(1, &[[1; 16]]),
        object_name(2, 1, "default", "A"),
        number(4, 1),
    ];
    let wrong = [
        ("object id", 0, Vec::new()),
        ("name", 1, Vec::new()),
        (
            "labels",
            1,
            [object_name(2, 1, "default", "A"), bytes(3, &[text(1, " ")])].concat(),
        ),
        ("version number", 2, Vec::new()),
    ];
    checked(What::Record, &whole, &wrong, |parts| {
        decode_record(&framed(&[bytes(1, parts)])).err()
    });
    let whole = [
        bytes(1, &[[1; 16]]),
        number(2, 1),
        number(3, 1),
        bytes(4, &[[1; 32]]),
        number(5, 1),
    ];
    let wrong = [
        ("object id", 0, Vec::new()),
        ("version number", 1, Vec::new()),
        ("state", 2, Vec::new()),
        ("state", 2, number(3, 4)),
        ("digest", 3, text(4, "")),
        ("size", 4, Vec::new()),
    ];
    checked(What::Record, &whole, &wrong, |parts| {
        decode_record(&framed(&[bytes(2, parts)])).err()
    });
    let whole = [
        bytes(1, &[[1; 16]]),
        object_name(2, 1, "default", "a"),
        number(3, 1),
    ];
    let wrong = [
        ("name", 1, object_name(2, 1, "default", "A")),
        ("version number", 2, Vec::new()),
    ];
    checked(What::Record, &whole, &wrong, |parts| {
        decode_record(&framed(&[bytes(3, parts)])).err()
    });
}

#[test]
fn each_field_of_services_tasks_and_requests_is_checked() {
    let reference = || {
        [
            number(1, 1),
            bytes(2, &[[1; 16]]),
            text(3, "a"),
            number(4, 1),
            text(5, "a"),
        ]
    };
    let whole = [
        bytes(1, &[[1; 16]]),
        text(2, "default"),
        text(3, "web"),
        bytes(5, &reference()),
        number(6, 1),
    ];
    let wrong = [
        ("service id", 0, Vec::new()),
        ("namespace", 1, Vec::new()),
        (
            "version number",
            3,
            bytes(5, &[&reference()[..3], &reference()[4..]].concat()),
        ),
        (
            "set of references",
            3,
            [bytes(5, &reference()), bytes(5, &reference())].concat(),
        ),
        ("revision number", 4, Vec::new()),
    ];
    checked(What::Record, &whole, &wrong, |parts| {
        decode_record(&framed(&[bytes(4, parts)])).err()
    });
    let whole = [
        bytes(1, &[[1; 16]]),
        bytes(2, &[[1; 16]]),
        number(3, 1),
        text(4, "n"),
        text(5, "c"),
    ];
    let wrong = [
        ("task id", 0, Vec::new()),
        ("service id", 1, Vec::new()),
        ("revision number", 2, Vec::new()),
        ("node", 3, Vec::new()),
        ("container", 4, Vec::new()),
    ];
    checked(What::Record, &whole, &wrong, |parts| {
        decode_record(&framed(&[bytes(5, parts)])).err()
    });
    let whole = [bytes(1, &[[1; 16]]), text(4, "")];
    let wrong = [
        ("request id", 0, Vec::new()),
        ("response", 1, Vec::new()),
        ("object id", 1, bytes(5, &[number(2, 1)])),
        ("version number", 1, bytes(5, &[bytes(1, &[[1; 16]])])),
        ("service id", 1, text(6, "")),
        ("task id", 1, text(7, "")),
    ];
    checked(What::Record, &whole, &wrong, |parts| {
        decode_record(&framed(&[bytes(6, parts)])).err()
    });
}

#[test]
fn a_record_of_no_kind_is_refused() {
    let expected = DecodeError::Field {
        what: What::Record,
        field: "kind",
    };
    assert_eq!(decode_record(&framed(&[])), Err(expected));
}

#[test]
fn errors_are_one_line_and_say_what_to_do() {
    let field = DecodeError::Field {
        what: What::KeyFile,
        field: "salt",
    };
    let newer = DecodeError::NewerFormat {
        what: What::Record,
        format: 2,
    };
    for error in [
        field,
        newer,
        DecodeError::Truncated(What::KeyFile),
        DecodeError::Damaged(What::Command),
    ] {
        let text = error.to_string();
        assert!(!text.contains('\n') && text.contains(": "), "{text}");
    }
}

/// `whole` is accepted; with the part at a place replaced, the refusal names the field.
fn checked(
    what: What,
    whole: &[Vec<u8>],
    wrong: &[(&'static str, usize, Vec<u8>)],
    decode: impl Fn(&[Vec<u8>]) -> Option<DecodeError>,
) {
    assert_eq!(decode(whole), None);
    for (field, place, part) in wrong {
        let mut parts = whole.to_vec();
        parts[*place].clone_from(part);
        let expected = DecodeError::Field { what, field };
        assert_eq!(decode(&parts), Some(expected), "{place}: {part:02x?}");
    }
}

fn object_name(field: u8, kind: u64, namespace: &str, name: &str) -> Vec<u8> {
    let mut parts = vec![text(2, namespace), text(3, name)];
    parts.retain(|part| part[1] != 0);
    if kind != 0 {
        parts.insert(0, number(1, kind));
    }
    bytes(field, &parts)
}

/// A key file with one passphrase slot.
fn keys(slot: &[Vec<u8>]) -> Vec<u8> {
    key_file(&[bytes(1, &[[1; 16]]), bytes(3, &[bytes(1, slot)])])
}
