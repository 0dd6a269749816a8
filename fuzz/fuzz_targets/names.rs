//! Each kind of name accepts exactly what its rule says, written here a second time, and shows it as it was given.

#![no_main]

use core::fmt::{Debug, Display};
use libfuzzer_sys::fuzz_target;
use strongroom_fuzz::{assert_one_line, assert_stays_inside};
use strongroom_model::{
    ContainerId, Kind, LabelKey, LabelValue, Labels, Name, Namespace, NodeName, ObjectId,
    RequestId, Target, Version,
};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let name = check(text, Name::parse(text), is_name(text));
    if let Some(name) = name {
        let folded = name.folded();
        assert_eq!(
            folded,
            Name::parse(&text.to_ascii_uppercase()).unwrap().folded()
        );
        assert_eq!(
            folded.as_str(),
            Name::parse(folded.as_str()).unwrap().as_str()
        );
    }
    let host = text.len() <= 253 && text.split('.').all(is_name);
    check(text, NodeName::parse(text), host);
    let container = (1..=1024).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-_.".contains(c));
    check(text, ContainerId::parse(text), container);
    check(text, ObjectId::parse(text), is_object_id(text));
    let hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    check(
        text,
        RequestId::parse(text),
        text.len() == 32 && text.chars().all(hex),
    );
    let number = text
        .parse::<u64>()
        .is_ok_and(|number| number > 0 && number.to_string() == text);
    check(text, Version::parse(text), number);
    namespace(text);
    target(text);
    labels(text);
});

/// Accepted if and only if the rule holds, and then the text comes back.
fn check<T: Display, E: Display + Debug>(
    text: &str,
    parsed: Result<T, E>,
    holds: bool,
) -> Option<T> {
    match &parsed {
        Ok(value) => assert_eq!(value.to_string(), text),
        Err(refusal) => assert_one_line(refusal),
    }
    assert_eq!(parsed.is_ok(), holds, "{text:?}: {:?}", parsed.err());
    parsed.ok()
}

fn is_name(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    (1..=64).contains(&text.len())
        && text.chars().all(|c| end(c) || "-_.".contains(c))
        && text.starts_with(end)
        && text.ends_with(end)
}

/// 25 digits of base 36, which hold a little more than 128 bits.
fn is_object_id(text: &str) -> bool {
    let digits = |c: char| matches!(c, '0'..='9' | 'a'..='z');
    let largest = ObjectId::from_bytes([0xff; 16]).to_string();
    text.len() == 25 && text.chars().all(digits) && text <= largest.as_str()
}

fn namespace(text: &str) {
    match Namespace::parse(text) {
        Ok(namespace) => {
            assert!(text.is_empty() || is_name(text), "{text:?}");
            assert!(text.is_empty() || namespace.as_str().eq_ignore_ascii_case(text));
            assert_eq!(Namespace::parse(namespace.as_str()), Ok(namespace));
        }
        Err(refusal) => {
            assert!(!text.is_empty() && !is_name(text), "{text:?}");
            assert_one_line(&refusal);
        }
    }
}

fn target(text: &str) {
    let relative = text.strip_prefix('/').unwrap_or(text);
    let part = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= 255;
    let good =
        text.len() <= 2048 && !text.contains(char::is_control) && relative.split('/').all(part);
    if let Some(target) = check(text, Target::parse(text), good) {
        assert_stays_inside(&target.path(Kind::Config));
        let path = target.path(Kind::Secret);
        assert_stays_inside(&path);
        assert!(text.starts_with('/') || path.starts_with(&Target::SECRETS));
    }
}

/// The whole text as a key and as a value, and its lines as labels.
fn labels(text: &str) {
    match LabelKey::parse(text) {
        Ok(key) => assert_eq!(key.as_str(), text),
        Err(refusal) => assert_one_line(&refusal),
    }
    let key = LabelKey::parse("key").expect("a good key");
    match LabelValue::parse(&key, text) {
        Ok(value) => assert_eq!(value.as_str(), text),
        Err(refusal) => assert_one_line(&refusal),
    }
    let lines = text.split('\n').filter_map(|line| line.split_once('='));
    match Labels::parse(lines) {
        Ok(labels) => {
            assert!(labels.iter().len() <= 64);
            for (key, value) in labels.iter() {
                assert!((1..=256).contains(&key.len()) && value.len() <= 512);
                assert!(key.trim() == key && !key.contains(['=', '\n', '\0']));
                assert!(!value.contains(char::is_control));
            }
            assert_eq!(Labels::parse(labels.iter()).as_ref(), Ok(&labels));
        }
        Err(refusal) => assert_one_line(&refusal),
    }
}
