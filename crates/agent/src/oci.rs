//! What an OCI runtime says of a container: the state on the hook's standard input, and the bundle's `config.json`.
//!
//! Read into these few fields; whatever else stands there is none of our business.

use crate::limits;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The annotation that names a container's service.
pub(crate) const ANNOTATION: &str = "io.strongroom.service";

/// The variable that names it where an engine has no annotations.
pub(crate) const VARIABLE: &str = "STRONGROOM_SERVICE";

/// A container as the runtime describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    /// The runtime's id.
    pub(crate) id: String,
    /// The first process; 0 where the runtime gave none.
    pub(crate) pid: i32,
    /// The root file system's absolute path.
    pub(crate) rootfs: PathBuf,
    /// The service that it names, if any.
    pub(crate) service: Option<String>,
}

/// Why a container's description is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OciError {
    /// Standard input.
    #[error(
        "the container's state cannot be read from standard input: {0}; an OCI runtime gives it to a createRuntime hook"
    )]
    State(#[source] io::Error),
    /// Standard input is something else.
    #[error("standard input is no OCI state: {0}; an OCI runtime gives it to a createRuntime hook")]
    StateForm(#[source] serde_json::Error),
    /// The bundle.
    #[error("the container's {path:?} cannot be read: {error}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// The bundle's configuration is something else.
    #[error("the container's {path:?} is no OCI configuration: {error}")]
    ConfigForm {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// Two names.
    #[error(
        "the container names two services, {annotation:?} by the annotation {ANNOTATION} and {variable:?} by \
         {VARIABLE}: let both name one, or leave one out"
    )]
    Disagree {
        /// One.
        annotation: String,
        /// The other.
        variable: String,
    },
    /// The variable stands there twice, with two names.
    #[error(
        "the container's environment has {VARIABLE} twice, as {0:?} and as {1:?}: leave one out"
    )]
    Twice(String, String),
    /// The state and the bundle disagree.
    #[error(
        "the annotation {ANNOTATION} is {0:?} in the runtime's state and {1:?} in config.json: make them agree"
    )]
    Annotations(String, String),
}

#[derive(Deserialize)]
struct State {
    id: String,
    #[serde(default)]
    pid: i32,
    bundle: PathBuf,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Config {
    root: Option<Root>,
    process: Option<Process>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Root {
    path: PathBuf,
}

#[derive(Deserialize)]
struct Process {
    #[serde(default)]
    env: Option<Vec<String>>,
}

/// Reads what the runtime says.
pub(crate) fn describe(state: impl Read) -> Result<Described, OciError> {
    let bytes = read(state, limits::OCI_STATE).map_err(OciError::State)?;
    let state: State = serde_json::from_slice(&bytes).map_err(OciError::StateForm)?;
    let path = state.bundle.join("config.json");
    let failed = |error| OciError::Config {
        path: path.clone(),
        error,
    };
    let file = File::open(&path).map_err(failed)?;
    let bytes = read(file, limits::OCI_CONFIG).map_err(failed)?;
    let config: Config = serde_json::from_slice(&bytes).map_err(|error| OciError::ConfigForm {
        path: path.clone(),
        error,
    })?;
    let environment = config
        .process
        .and_then(|process| process.env)
        .unwrap_or_default();
    // Runtimes repeat the bundle's annotations in the state; one that does not must not open the way past them.
    let annotations = [state.annotations, config.annotations];
    let [said, written] = annotations.map(|all| all.unwrap_or_default().remove(ANNOTATION));
    let annotation = match (said, written) {
        (Some(said), Some(written)) if !said.eq_ignore_ascii_case(&written) => {
            return Err(OciError::Annotations(said, written));
        }
        (said, written) => said.or(written),
    };
    let root = config
        .root
        .map_or_else(|| Path::new("rootfs").to_owned(), |root| root.path);
    Ok(Described {
        service: service(annotation, &environment)?,
        id: state.id,
        pid: state.pid,
        rootfs: state.bundle.join(root),
    })
}

/// The one service that annotation and environment name.
fn service(annotation: Option<String>, environment: &[String]) -> Result<Option<String>, OciError> {
    let mut variable: Option<&str> = None;
    for value in environment.iter().filter_map(|entry| value_of(entry)) {
        match variable {
            Some(other) if !other.eq_ignore_ascii_case(value) => {
                return Err(OciError::Twice(other.to_owned(), value.to_owned()));
            }
            _ => variable = Some(value),
        }
    }
    match (annotation, variable) {
        (Some(annotation), Some(variable)) if !annotation.eq_ignore_ascii_case(variable) => {
            let variable = variable.to_owned();
            Err(OciError::Disagree {
                annotation,
                variable,
            })
        }
        (Some(name), _) => Ok(Some(name)),
        (None, name) => Ok(name.map(str::to_owned)),
    }
}

fn value_of(entry: &str) -> Option<&str> {
    let (name, value) = entry.split_once('=')?;
    (name == VARIABLE).then_some(value)
}

/// All bytes, at most `limit`.
fn read(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let message = format!("longer than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What is read of a container with that annotation and environment.
    fn described(annotation: Option<&str>, environment: &[&str]) -> Result<Described, OciError> {
        let bundle = bundle(&json!({
            "root": { "path": "rootfs", "readonly": true },
            "process": { "args": ["x"], "env": environment },
        }));
        let annotations = annotation.map(|name| json!({ ANNOTATION: name, "other": "x" }));
        describe(&*state(bundle.path(), &annotations.unwrap_or(Value::Null)))
    }

    fn bundle(config: &Value) -> tempfile::TempDir {
        let bundle = tempfile::tempdir().unwrap();
        std::fs::write(bundle.path().join("config.json"), config.to_string()).unwrap();
        bundle
    }

    fn state(bundle: &Path, annotations: &Value) -> Vec<u8> {
        let state = json!({
            "ociVersion": "1.0.2", "id": "c1", "pid": 7, "status": "creating", "bundle": bundle,
            "annotations": annotations,
        });
        state.to_string().into_bytes()
    }

    #[test]
    fn an_annotation_that_only_the_bundle_has_counts_and_one_that_differs_is_refused() {
        let bundle = tempfile::tempdir().unwrap();
        let config = json!({ "ociVersion": "1.0.2", "annotations": { ANNOTATION: "web" } });
        std::fs::write(bundle.path().join("config.json"), config.to_string()).unwrap();
        let said = |annotations: Value| describe(&*state(bundle.path(), &annotations));
        assert_eq!(said(Value::Null).unwrap().service.as_deref(), Some("web"));
        let same = said(json!({ ANNOTATION: "web" })).unwrap();
        assert_eq!(same.service.as_deref(), Some("web"));
        let error = said(json!({ ANNOTATION: "db" })).unwrap_err();
        assert!(matches!(error, OciError::Annotations(..)), "{error}");
    }

    #[test]
    fn the_service_is_named_by_annotation_or_variable() {
        for (annotation, environment, service) in [
            (None, &["PATH=/bin"][..], None),
            (Some("web"), &[], Some("web")),
            (None, &["A=b", "STRONGROOM_SERVICE=web"], Some("web")),
            (
                Some("web"),
                &["STRONGROOM_SERVICE=web", "STRONGROOM_SERVICE=web"],
                Some("web"),
            ),
            (None, &["STRONGROOM_SERVICE="], Some("")),
            (None, &["STRONGROOM_SERVICE", "XSTRONGROOM_SERVICE=x"], None),
        ] {
            let described = described(annotation, environment).unwrap();
            assert_eq!(described.service.as_deref(), service, "{environment:?}");
            assert_eq!((described.id.as_str(), described.pid), ("c1", 7));
            assert!(described.rootfs.is_absolute() && described.rootfs.ends_with("rootfs"));
        }
    }

    #[test]
    fn two_names_are_refused() {
        let error = described(Some("web"), &["STRONGROOM_SERVICE=db"]).unwrap_err();
        assert!(
            error.to_string().contains("names two services, \"web\""),
            "{error}"
        );
        let twice = ["STRONGROOM_SERVICE=a", "STRONGROOM_SERVICE=b"];
        assert!(matches!(described(None, &twice), Err(OciError::Twice(..))));
        // Services are compared without case.
        assert!(described(Some("web"), &["STRONGROOM_SERVICE=Web"]).is_ok());
    }

    #[test]
    fn an_absolute_root_stays_where_it_is() {
        let bundle = bundle(&json!({ "root": { "path": "/var/lib/merged" } }));
        let described = describe(&*state(bundle.path(), &Value::Null)).unwrap();
        assert_eq!(described.rootfs, Path::new("/var/lib/merged"));
    }

    #[test]
    fn garbage_is_refused_in_one_line() {
        let nowhere = state(Path::new("/nowhere/at/all"), &Value::Null);
        let endless = vec![b' '; 1024 * 1024 + 1];
        let not_config = bundle(&json!({ "root": 7 }));
        let not_config = state(not_config.path(), &Value::Null);
        for input in [
            &b""[..],
            b"{}",
            b"\xff",
            b"[[[[",
            &endless,
            &nowhere,
            &not_config,
        ] {
            let error = describe(input).unwrap_err().to_string();
            assert!(!error.contains('\n') && error.len() < 400, "{error}");
        }
    }
}
