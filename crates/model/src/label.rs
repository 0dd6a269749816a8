//! Labels: small texts on objects, for people and for filters. Not for values: they are listed.

use crate::limits;
use std::collections::BTreeMap;

/// A label's key: 1 to 256 bytes without `=`, control characters, or space at its ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelKey(String);

/// A label's value: 0 to 512 bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelValue(String);

/// The labels of one object, at most [`limits::LABELS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<LabelKey, LabelValue>);

/// Why a label is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// `k=v` has no key.
    #[error("a label has no key: write key=value")]
    NoKey,
    /// The key is too long.
    #[error(
        "a label's key is {0} bytes long; at most {max} are allowed",
        max = limits::LABEL_KEY
    )]
    KeyTooLong(usize),
    /// The key has characters that cannot be written as `key=value`.
    #[error(
        "the label key {0:?} is not allowed: no '=', no control characters, no space at its ends"
    )]
    KeyCharacters(String),
    /// The value is too long. It is not repeated: somebody may have put a secret there.
    #[error(
        "the value of label {0:?} is {1} bytes long; at most {max} are allowed",
        max = limits::LABEL_VALUE
    )]
    ValueTooLong(String, usize),
    /// The value has control characters.
    #[error("the value of label {0:?} has control characters")]
    ValueCharacters(String),
    /// Too many labels.
    #[error("{0} labels; at most {max} are allowed", max = limits::LABELS)]
    TooMany(usize),
}

impl LabelKey {
    /// Parses a key.
    ///
    /// # Errors
    /// [`LabelError`].
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        if text.is_empty() {
            return Err(LabelError::NoKey);
        }
        if text.len() > limits::LABEL_KEY {
            return Err(LabelError::KeyTooLong(text.len()));
        }
        let wrong = |character: char| character == '=' || character.is_control();
        if text.contains(wrong) || text.trim() != text {
            return Err(LabelError::KeyCharacters(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl LabelValue {
    /// Parses the value of the label `key`, which only the error names.
    ///
    /// # Errors
    /// [`LabelError`].
    pub fn parse(key: &LabelKey, text: &str) -> Result<Self, LabelError> {
        if text.len() > limits::LABEL_VALUE {
            return Err(LabelError::ValueTooLong(key.0.clone(), text.len()));
        }
        if text.contains(char::is_control) {
            return Err(LabelError::ValueCharacters(key.0.clone()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Labels {
    /// Parses labels; of two with one key the later wins, as in Docker.
    ///
    /// # Errors
    /// [`LabelError`].
    pub fn parse<K: AsRef<str>, V: AsRef<str>>(
        labels: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, LabelError> {
        let mut parsed = BTreeMap::new();
        for (key, value) in labels {
            let key = LabelKey::parse(key.as_ref())?;
            let value = LabelValue::parse(&key, value.as_ref())?;
            parsed.insert(key, value);
        }
        Self(parsed).limited()
    }

    /// The labels with `add` put and `remove` taken away; a key in both stays.
    ///
    /// # Errors
    /// [`LabelError::TooMany`].
    pub fn changed(&self, add: &Self, remove: &[LabelKey]) -> Result<Self, LabelError> {
        let mut labels = self.0.clone();
        for key in remove {
            labels.remove(key);
        }
        labels.extend(
            add.0
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        Self(labels).limited()
    }

    /// All labels, in the order of their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value at `key`.
    #[must_use]
    pub fn get(&self, key: &LabelKey) -> Option<&LabelValue> {
        self.0.get(key)
    }

    fn limited(self) -> Result<Self, LabelError> {
        if self.0.len() > limits::LABELS {
            return Err(LabelError::TooMany(self.0.len()));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_value_that_is_too_long_is_not_repeated_in_the_error() {
        let value = "s3cret".repeat(100);
        let error = Labels::parse([("key", &value)]).unwrap_err();
        assert!(!error.to_string().contains("s3cret"));
    }

    #[test]
    fn adding_wins_over_removing_the_same_key() {
        let before = Labels::parse([("a", "1"), ("b", "2")]).unwrap();
        let add = Labels::parse([("a", "3")]).unwrap();
        let remove = [LabelKey::parse("a").unwrap(), LabelKey::parse("b").unwrap()];
        let after = before.changed(&add, &remove).unwrap();
        assert_eq!(after.iter().collect::<Vec<_>>(), [("a", "3")]);
    }

    #[test]
    fn keys_that_cannot_be_written_as_key_value_are_refused() {
        for key in ["", "a=b", " a", "a ", "a\nb", "a\0"] {
            assert!(LabelKey::parse(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn one_label_too_many_is_refused() {
        let labels = |count: usize| (0..count).map(|n| (n.to_string(), String::new()));
        assert!(Labels::parse(labels(limits::LABELS)).is_ok());
        assert_eq!(
            Labels::parse(labels(limits::LABELS + 1)),
            Err(LabelError::TooMany(limits::LABELS + 1))
        );
    }
}
