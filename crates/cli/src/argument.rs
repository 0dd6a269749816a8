//! Names with versions, labels and filters as they are written on the command line.
//!
//! They are parsed after clap, so that a bad one is refused as invalid and not as wrong usage.

use strongroom_client::Filter;
use strongroom_model::{LabelError, LabelKey, Labels, Name, NameError, Version};

/// `NAME` or `NAME@VERSION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionedName {
    pub(crate) name: Name,
    pub(crate) version: Option<Version>,
}

/// Why an argument is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Behind the `@` there is no number.
    #[error("{0:?} names no version: write NAME@NUMBER, the number from 1")]
    Version(String),
    /// `destroy NAME`.
    #[error("{0:?} does not say which version to destroy: write {0}@NUMBER")]
    NoVersion(String),
    /// `--if-version` without a number.
    #[error(
        "--if-version {0:?} is not a version: write a number from 1, or 0 if the name must not exist"
    )]
    IfVersion(String),
    /// A filter other than name and label.
    #[error("there is no filter {0:?}: use name=PREFIX, label=KEY or label=KEY=VALUE")]
    Filter(String),
    /// Nothing can have two values at one key.
    #[error("the filter label={0} is given twice with different values: nothing has both")]
    FilterTwice(String),
}

impl VersionedName {
    /// Parses `NAME` or `NAME@VERSION`.
    pub(crate) fn parse(text: &str) -> Result<Self, ArgumentError> {
        let Some((name, version)) = text.split_once('@') else {
            let name = Name::parse(text)?;
            return Ok(Self {
                name,
                version: None,
            });
        };
        let name = Name::parse(name)?;
        let version =
            Version::parse(version).map_err(|_| ArgumentError::Version(text.to_owned()))?;
        Ok(Self {
            name,
            version: Some(version),
        })
    }

    /// Parses `NAME`, `NAME@latest` or `NAME@VERSION`, where reading the newest makes sense.
    pub(crate) fn parse_or_latest(text: &str) -> Result<Self, ArgumentError> {
        Self::parse(text.strip_suffix("@latest").unwrap_or(text))
    }

    /// Parses `NAME@VERSION`, where the version cannot be left out.
    pub(crate) fn parse_with_version(text: &str) -> Result<(Name, Version), ArgumentError> {
        let Self { name, version } = Self::parse(text)?;
        match version {
            Some(version) => Ok((name, version)),
            None => Err(ArgumentError::NoVersion(name.to_string())),
        }
    }
}

/// Parses `k=v` or `k`, whose value is empty.
pub(crate) fn labels(texts: &[String]) -> Result<Labels, LabelError> {
    Labels::parse(
        texts
            .iter()
            .map(|text| text.split_once('=').unwrap_or((text, ""))),
    )
}

/// Parses `--if-version`: digits.
pub(crate) fn if_version(text: Option<&str>) -> Result<Option<u64>, ArgumentError> {
    text.map(|text| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .then(|| text.parse().ok())
            .flatten()
            .ok_or_else(|| ArgumentError::IfVersion(text.to_owned()))
    })
    .transpose()
}

/// Parses `--filter name=PREFIX`, `label=KEY` and `label=KEY=VALUE`.
pub(crate) fn filter(texts: &[String]) -> Result<Filter, ArgumentError> {
    let mut filter = Filter::default();
    for text in texts {
        match text.split_once('=') {
            Some(("name", prefix)) => filter.name_prefixes.push(prefix.to_owned()),
            Some(("label", label)) => {
                let (key, value) = label.split_once('=').unwrap_or((label, ""));
                let key = LabelKey::parse(key)?.as_str().to_owned();
                let before = filter.labels.entry(key.clone()).or_default();
                if !before.is_empty() && !value.is_empty() && before != value {
                    return Err(ArgumentError::FilterTwice(key));
                }
                if !value.is_empty() {
                    value.clone_into(before);
                }
            }
            _ => return Err(ArgumentError::Filter(text.clone())),
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn a_version_is_what_stands_behind_the_at_sign() {
        let parsed = VersionedName::parse("db@3").unwrap();
        assert_eq!(parsed.name.as_str(), "db");
        assert_eq!(parsed.version, Version::new(3));
        assert_eq!(VersionedName::parse("db").unwrap().version, None);
        assert_eq!(
            VersionedName::parse_or_latest("db@latest").unwrap().version,
            None
        );
    }

    #[test]
    fn names_and_versions_that_are_none_are_refused() {
        for text in [
            "",
            "@",
            "@1",
            "db@",
            "db@0",
            "db@-1",
            "db@1@2",
            "db@latest",
            "-db",
            "d b",
        ] {
            assert!(VersionedName::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            VersionedName::parse_with_version("db"),
            Err(ArgumentError::NoVersion("db".to_owned()))
        );
    }

    #[test]
    fn a_label_without_a_value_has_the_empty_one() {
        let labels = labels(&texts(&["a", "b=c=d", "e="])).unwrap();
        assert_eq!(
            labels.iter().collect::<Vec<_>>(),
            [("a", ""), ("b", "c=d"), ("e", "")]
        );
    }

    #[test]
    fn if_version_takes_digits_only() {
        assert_eq!(if_version(Some("0")), Ok(Some(0)));
        assert_eq!(if_version(None), Ok(None));
        for text in ["", "x", "-1", "+1", "1 ", "18446744073709551616"] {
            assert!(if_version(Some(text)).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_are_alternatives_and_labels_must_all_hold() {
        let given = ["name=a", "name=b", "label=k", "label=k=v", "label=l"];
        let filter = filter(&texts(&given)).unwrap();
        assert_eq!(filter.name_prefixes, ["a", "b"]);
        let labels = [("k", "v"), ("l", "")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(filter.labels, labels.into());
    }

    #[test]
    fn unknown_and_impossible_filters_are_refused() {
        for given in [
            &["colour=red"][..],
            &["name"],
            &["label="],
            &["label=a=1", "label=a=2"],
        ] {
            assert!(filter(&texts(given)).is_err(), "{given:?}");
        }
    }
}
