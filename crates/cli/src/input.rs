//! Where a value comes from: a file, standard input, or a prompt. Byte-exact, bounded, and without a copy left behind.

use crate::prompt::{self, Interrupts};
use clap::Args;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read, stdin};
use std::os::fd::AsFd as _;
use std::path::Path;
use strongroom_model::{Kind, limits};
use strongroom_sensitive::SecretBytes;

/// The part of `create` and `put` that says where the value is.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Source {
    /// File with the value, taken byte by byte; - is standard input
    #[arg(value_name = "FILE|-")]
    file: Option<OsString>,
    /// Ask for the value at the terminal, twice and unechoed
    #[arg(long)]
    prompt: bool,
}

/// Why there is no value. None of these repeats a byte of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("{0} is a terminal: pipe the value in, name a file, or use --prompt")]
    Terminal(String),
    #[error("cannot read {0}: {1}")]
    Read(String, io::Error),
    #[error("{0} is empty: give the {1} 1 to {max} bytes", max = limits::PAYLOAD)]
    Empty(String, Kind),
    #[error("{0} is too large for a {1}: at most {max} bytes are allowed", max = limits::PAYLOAD)]
    TooLarge(String, Kind),
    #[error("cannot ask at the terminal ({0}): name a file, or pipe the value in and write -")]
    Prompt(io::Error),
    #[error("the two entries differ, so nothing was done: try again")]
    Differ,
    #[error("interrupted")]
    Interrupted,
}

impl Source {
    /// Reads the value of a `kind`: 1 byte to [`limits::PAYLOAD`].
    pub(crate) async fn read(&self, kind: Kind) -> Result<(SecretBytes, Interrupts), InputError> {
        let (bytes, origin, interrupts) = match &self.file {
            None => {
                let (bytes, interrupts) = prompt::twice(&format!("Value of the {kind}")).await?;
                (bytes, "the value".to_owned(), interrupts)
            }
            Some(file) => {
                let (bytes, origin) = read_file(Path::new(file), limits::PAYLOAD)?;
                (bytes, origin, Interrupts::untouched())
            }
        };
        match bytes.len() {
            0 => Err(InputError::Empty(origin, kind)),
            1..=limits::PAYLOAD => Ok((bytes, interrupts)),
            _ => Err(InputError::TooLarge(origin, kind)),
        }
    }
}

/// Reads a file, or standard input for `-`, up to one byte past `limit`; with the words for where that was.
pub(crate) fn read_file(path: &Path, limit: usize) -> Result<(SecretBytes, String), InputError> {
    let (file, origin) = open(path)?;
    match read_bounded(file, limit) {
        Ok(bytes) => Ok((bytes, origin)),
        Err(error) => Err(InputError::Read(origin, error)),
    }
}

/// Opens a file, or standard input for `-`.
///
/// Standard input is read through its descriptor: `std::io::Stdin` would keep what it read ahead in a buffer of its own.
fn open(path: &Path) -> Result<(File, String), InputError> {
    let (file, origin) = if path.as_os_str() == "-" {
        let file = stdin().as_fd().try_clone_to_owned().map(File::from);
        (file, "standard input".to_owned())
    } else {
        (
            File::open(path),
            format!("{:?}", path.display().to_string()),
        )
    };
    let file = file.map_err(|error| InputError::Read(origin.clone(), error))?;
    if file.is_terminal() {
        return Err(InputError::Terminal(origin));
    }
    Ok((file, origin))
}

/// Reads at most one byte more than `limit`, which shows that there are too many, straight into the secret's buffer.
fn read_bounded(mut from: impl Read, limit: usize) -> io::Result<SecretBytes> {
    let mut filled = 0;
    let mut result = Ok(());
    let mut bytes = SecretBytes::init_with(limit + 1, |buffer| {
        while filled < buffer.len() {
            match from.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
    });
    bytes.truncate(filled);
    result.map(|()| bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &Path) -> Source {
        Source {
            file: Some(path.as_os_str().to_owned()),
            prompt: false,
        }
    }

    fn file_of(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut file, bytes).unwrap();
        file
    }

    #[tokio::test]
    async fn a_value_is_taken_byte_by_byte() {
        for bytes in [
            &b"x"[..],
            b"\n",
            b" a\r\n\n",
            b"\0\xff\x80",
            b"\xef\xbb\xbf",
        ] {
            let file = file_of(bytes);
            let (value, _) = source(file.path()).read(Kind::Secret).await.unwrap();
            assert_eq!(value.expose(), bytes);
        }
    }

    #[tokio::test]
    async fn both_ends_of_the_limit_hold() {
        let most = vec![7; limits::PAYLOAD + 1];
        let file = file_of(&most[1..]);
        assert_eq!(
            source(file.path())
                .read(Kind::Config)
                .await
                .unwrap()
                .0
                .len(),
            limits::PAYLOAD
        );
        let file = file_of(&most);
        let error = source(file.path()).read(Kind::Config).await.unwrap_err();
        assert!(matches!(error, InputError::TooLarge(..)));
        let file = file_of(b"");
        let error = source(file.path()).read(Kind::Config).await.unwrap_err();
        assert!(matches!(error, InputError::Empty(..)));
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path().to_owned(), dir.path().join("missing")] {
            let error = source(&path)
                .read(Kind::Secret)
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn an_endless_source_is_read_to_one_byte_past_the_limit() {
        assert_eq!(read_bounded(io::repeat(1), 10).unwrap().len(), 11);
    }
}
