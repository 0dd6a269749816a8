//! What the operator sets: flags of the command line, parsed.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Strongroom's manager: keeps secrets and configs, serves them over gRPC, and tells agents what to mount.
#[derive(Clone, Debug, Parser)]
#[command(name = "strongroomd", version)]
pub struct Settings {
    /// Where this manager keeps its keys, log and state. One strongroomd at a time.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The Unix socket on which the API is served.
    #[arg(long, value_name = "PATH")]
    pub socket: PathBuf,
    /// What unseals the keys: keyfile=PATH or passphrase.
    #[arg(long, value_name = "SEAL", default_value = "passphrase", value_parser = SealSetting::parse)]
    pub seal: SealSetting,
    /// The file that the passphrase is read from, without a newline at its end; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Makes a new cluster of one manager if the data directory is empty, and the seal's key file if there is none.
    #[arg(long)]
    pub bootstrap: bool,
    /// Gives every service's files to any agent on the socket. For development on one machine.
    #[arg(long)]
    pub dev: bool,
    /// How log lines on standard error look. RUST_LOG says which there are.
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// What unseals the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealSetting {
    /// A passphrase, from [`Settings::passphrase_file`].
    Passphrase,
    /// A file of random bytes.
    KeyFile(PathBuf),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// A seal that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a seal: write keyfile=PATH or passphrase")]
pub struct SealSettingError(String);

impl SealSetting {
    fn parse(text: &str) -> Result<Self, SealSettingError> {
        match text.split_once('=') {
            None if text == "passphrase" => Ok(Self::Passphrase),
            Some(("keyfile", path)) if !path.is_empty() => Ok(Self::KeyFile(path.into())),
            _ => Err(SealSettingError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_a_passphrase_or_a_key_file() {
        assert_eq!(
            SealSetting::parse("passphrase"),
            Ok(SealSetting::Passphrase)
        );
        let key_file = SealSetting::KeyFile("/a=b".into());
        assert_eq!(SealSetting::parse("keyfile=/a=b"), Ok(key_file));
        for text in ["", "keyfile", "keyfile=", "passphrase=x", "kms"] {
            assert!(SealSetting::parse(text).is_err(), "{text:?}");
        }
    }
}
