//! What unseals: a passphrase or a key file, read into memory that is wiped.

use super::key_file::write_private;
use crate::settings::SealSetting;
use std::{
    fs::{self, File},
    io::{self, Read},
    os::{
        fd::AsFd as _,
        unix::fs::{DirBuilderExt as _, MetadataExt as _},
    },
    path::{Path, PathBuf},
};
use strongroom_crypto::{
    NewSlot, PassphraseParams, RandomError, SealKey, SealKeyError, SystemRandom, UnsealMaterial,
};
use strongroom_sensitive::SecretBytes;

/// A passphrase or the content of a key file.
#[derive(Debug)]
pub(super) enum Material {
    Passphrase(SecretBytes),
    KeyFile(SealKey),
}

/// Why there is nothing to unseal with.
#[derive(Debug, thiserror::Error)]
pub enum MaterialError {
    /// The setting is incomplete.
    #[error("the passphrase is missing: give --passphrase-file FILE, or - for standard input")]
    NoPassphraseFile,
    /// The setting contradicts itself.
    #[error("--passphrase-file goes with --seal passphrase only: leave one of them out")]
    NeedlessPassphraseFile,
    /// No bytes.
    #[error("the passphrase is empty: write it into the file, or pass it on standard input")]
    EmptyPassphrase,
    /// A wrong file, most likely.
    #[error("the passphrase is longer than {LONGEST} bytes: is it the right file?")]
    LongPassphrase,
    /// No key file, and none is to be made.
    #[error(
        "the seal's key file {0:?} is missing: put it there, the data cannot be opened without it"
    )]
    NoKeyFile(PathBuf),
    /// Others can read it.
    #[error("the seal's key file {0:?} can be read by others: chmod 600 it")]
    OpenKeyFile(PathBuf),
    /// Not what a seal's key file looks like.
    #[error("{0:?}: {1}")]
    KeyFile(PathBuf, #[source] SealKeyError),
    /// No new key.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The system refuses.
    #[error("{0:?} cannot be read or written: {1}")]
    Io(PathBuf, #[source] io::Error),
}

/// Bytes of a passphrase; a diceware sentence has a hundred.
const LONGEST: usize = 4096;

impl Material {
    pub(super) fn read(
        seal: &SealSetting,
        passphrase_file: Option<&Path>,
    ) -> Result<Self, MaterialError> {
        match (seal, passphrase_file) {
            (SealSetting::Passphrase, Some(path)) => passphrase(path).map(Self::Passphrase),
            (SealSetting::Passphrase, None) => Err(MaterialError::NoPassphraseFile),
            (SealSetting::KeyFile(_), Some(_)) => Err(MaterialError::NeedlessPassphraseFile),
            (SealSetting::KeyFile(path), None) => seal_key(path).map(Self::KeyFile),
        }
    }

    /// Makes the key file where there is none.
    pub(super) fn read_or_make(
        seal: &SealSetting,
        passphrase_file: Option<&Path>,
    ) -> Result<Self, MaterialError> {
        if let (SealSetting::KeyFile(path), None) = (seal, passphrase_file)
            && !path.exists()
        {
            make_seal_key(path)?;
        }
        Self::read(seal, passphrase_file)
    }

    pub(super) const fn for_unseal(&self) -> UnsealMaterial<'_> {
        match self {
            Self::Passphrase(passphrase) => UnsealMaterial::Passphrase(passphrase),
            Self::KeyFile(key) => UnsealMaterial::KeyFile(key),
        }
    }

    pub(super) const fn for_slot(&self, params: PassphraseParams) -> NewSlot<'_> {
        match self {
            Self::Passphrase(passphrase) => NewSlot::Passphrase(passphrase, params),
            Self::KeyFile(key) => NewSlot::KeyFile(key),
        }
    }
}

/// Bytes of memory of the machine; 0 where the system does not say, which gives the least work that is allowed.
pub(super) fn machine_memory() -> u64 {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|total| total.trim().strip_suffix("kB"));
    kib.and_then(|kib| kib.trim().parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

fn passphrase(path: &Path) -> Result<SecretBytes, MaterialError> {
    let failed = |error| MaterialError::Io(path.to_owned(), error);
    let mut passphrase = if path == Path::new("-") {
        // Standard input's own reader would keep a copy, for ever, in a buffer that nobody wipes.
        let input = io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
        read_at_most(File::from(input)).map_err(failed)?
    } else {
        read_at_most(File::open(path).map_err(failed)?).map_err(failed)?
    };
    let text = passphrase.expose();
    let ending = match text {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    };
    let length = text.len() - ending;
    passphrase.truncate(length);
    match length {
        0 => Err(MaterialError::EmptyPassphrase),
        1..=LONGEST => Ok(passphrase),
        _ => Err(MaterialError::LongPassphrase),
    }
}

fn seal_key(path: &Path) -> Result<SealKey, MaterialError> {
    let failed = |error| MaterialError::Io(path.to_owned(), error);
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => MaterialError::NoKeyFile(path.to_owned()),
        _ => failed(error),
    })?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && metadata.mode() & 0o077 != 0 {
        return Err(MaterialError::OpenKeyFile(path.to_owned()));
    }
    let content = read_at_most(file).map_err(failed)?;
    SealKey::from_bytes(&content).map_err(|error| MaterialError::KeyFile(path.to_owned(), error))
}

fn make_seal_key(path: &Path) -> Result<(), MaterialError> {
    let failed = |error| MaterialError::Io(path.to_owned(), error);
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        let mut builder = fs::DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(failed)?;
    }
    let key = SealKey::generate(&mut SystemRandom)?;
    write_private(path, key.expose(), false).map_err(failed)?;
    tracing::info!("made the seal's key file");
    Ok(())
}

/// The content, cut a little above [`LONGEST`]; read in place, as growing would leave copies behind.
fn read_at_most(mut from: impl Read) -> io::Result<SecretBytes> {
    let mut length = 0;
    let mut result = Ok(());
    let mut content = SecretBytes::init_with(LONGEST + 3, |buffer| {
        while length < buffer.len() && result.is_ok() {
            match from.read(&mut buffer[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => result = Err(error),
            }
        }
    });
    result?;
    content.truncate(length);
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> Result<SecretBytes, MaterialError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("passphrase");
        fs::write(&path, content).unwrap();
        passphrase(&path)
    }

    #[test]
    fn one_newline_at_the_end_is_not_part_of_the_passphrase() {
        for content in [
            &b"correct horse"[..],
            b"correct horse\n",
            b"correct horse\r\n",
        ] {
            assert_eq!(read(content).unwrap().expose(), b"correct horse");
        }
        assert_eq!(read(b" a\n\n").unwrap().expose(), b" a\n");
    }

    #[test]
    fn no_passphrase_and_a_file_that_is_none_are_refused() {
        assert!(matches!(read(b""), Err(MaterialError::EmptyPassphrase)));
        assert!(matches!(read(b"\n"), Err(MaterialError::EmptyPassphrase)));
        let longest = vec![b'x'; LONGEST];
        assert!(read(&longest).is_ok());
        assert!(read(&[&longest[..], b"\r\n"].concat()).is_ok());
        assert!(matches!(
            read(&[&longest[..], b"x"].concat()),
            Err(MaterialError::LongPassphrase)
        ));
        assert!(matches!(
            read(&vec![b'x'; 10_000]),
            Err(MaterialError::LongPassphrase)
        ));
    }

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/seal.key");
        make_seal_key(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let content = fs::read(&path).unwrap();
        assert!(make_seal_key(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(seal_key(&path).unwrap().expose(), &content[..]);
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seal.key");
        make_seal_key(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            seal_key(&path),
            Err(MaterialError::OpenKeyFile(_))
        ));
    }

    #[test]
    fn the_machine_has_memory() {
        assert!(machine_memory() > 1 << 20);
    }
}
