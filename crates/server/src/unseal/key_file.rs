//! The `keys` file on disk: read whole, written under another name and renamed.

use rustix::fs::{Mode, OFlags};
use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};
use strongroom_codec::{DecodeError, decode_key_file, encode_key_file};
use strongroom_crypto::KeyFile;

/// Why a keys file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It does not decode.
    #[error("{0:?} cannot be used: {1}")]
    Decode(PathBuf, #[source] DecodeError),
    /// No keys file is that large.
    #[error("{0:?} is no keys file, it is too large: restore it from a backup")]
    TooLarge(PathBuf),
    /// The system refuses.
    #[error("{0:?} cannot be read or written: {1}")]
    Io(PathBuf, #[source] io::Error),
}

/// Far above what a hundred slots take.
const LARGEST: u64 = 1024 * 1024;

pub(super) fn read(path: &Path) -> Result<KeyFile, KeysError> {
    let failed = |error| KeysError::Io(path.to_owned(), error);
    let file = File::open(path).map_err(failed)?;
    let mut content = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut content)
        .map_err(failed)?;
    if content.len() as u64 > LARGEST {
        return Err(KeysError::TooLarge(path.to_owned()));
    }
    decode_key_file(&content).map_err(|error| KeysError::Decode(path.to_owned(), error))
}

/// Replaces what is at `path`; durable when it returns.
pub(super) fn write(path: &Path, keys: &KeyFile) -> Result<(), KeysError> {
    write_private(path, &encode_key_file(keys), true)
        .map_err(|error| KeysError::Io(path.to_owned(), error))
}

/// Renames; durable when it returns.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), KeysError> {
    fs::rename(from, to)
        .and_then(|()| sync_directory_of(to))
        .map_err(|error| KeysError::Io(to.to_owned(), error))
}

/// Writes a file that its owner alone can read, whole or not at all as far as its name goes. Without `replace` a file
/// that is there makes it fail.
pub(super) fn write_private(path: &Path, content: &[u8], replace: bool) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    // What an earlier attempt left goes; what somebody else puts there meanwhile is not written to.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mode = Mode::RUSR | Mode::WUSR;
    let mut file = File::from(rustix::fs::open(&temporary, flags, mode)?);
    file.write_all(content)?;
    file.sync_all()?;
    if replace {
        fs::rename(&temporary, path)?;
    } else {
        fs::hard_link(&temporary, path)?;
        fs::remove_file(&temporary)?;
    }
    sync_directory_of(path)
}

fn sync_directory_of(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
}
