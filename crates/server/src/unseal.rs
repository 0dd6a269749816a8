//! From a sealed directory to open keys and an open store.
//!
//! The seal's source is a setting of the process and never a field of a call. A new cluster is made under the name
//! `keys.new` and named `keys` last. Where `keys` is missing and `keys.new` is there, half a store is made anew, and a
//! whole one opened: nothing that was ever acknowledged is taken away.

mod key_file;
mod material;

pub use key_file::KeysError;
pub use material::MaterialError;

use crate::{lock::DataDir, settings::Settings};
use material::Material;
use std::{fs, io, path::PathBuf, sync::Arc};
use strongroom_crypto::{
    KeyFile, Keyring, PassphraseParams, Random as _, RandomError, SealError, SystemRandom,
    UnsealError, Unsealed,
};
use strongroom_model::{ClusterId, MemberId};
use strongroom_state::State;
use strongroom_storage::{CreateError, OpenError, Store, StoreKeys};

/// A manager's open keys and store.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) cluster: ClusterId,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) store: Store,
    pub(crate) state: State,
    /// Whether the cluster is new: it has begun once [`finish`] has returned.
    pub(crate) new: bool,
}

/// Why a manager stays sealed.
#[derive(Debug, thiserror::Error)]
pub enum OpenVaultError {
    /// What unseals cannot be had.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// The keys file.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Neither keys nor anything else.
    #[error(
        "the data directory {0:?} is empty: make a new cluster with --bootstrap, or name another directory"
    )]
    Empty(PathBuf),
    /// Data without keys.
    #[error("{0:?} is missing beside data that it opens: restore it from a backup")]
    KeysMissing(PathBuf),
    /// What is left of a bootstrap that did not finish cannot be taken away.
    #[error("{0:?} is left from a start that did not finish and cannot be removed: {1}")]
    Leftover(PathBuf, #[source] io::Error),
    /// The keys stay sealed.
    #[error("{0:?}: {1}")]
    Unseal(PathBuf, #[source] UnsealError),
    /// No new seal.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// No new ids.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// No new store.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// No store that can be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// The only member that a new cluster has.
const FIRST_MEMBER: MemberId = MemberId(1);

/// Opens the directory, or makes a new cluster in it where it is empty and the settings ask for one. Takes about a
/// second of one CPU for a passphrase.
///
/// # Errors
/// [`OpenVaultError`].
pub(crate) fn open(dir: &DataDir, settings: &Settings) -> Result<Opened, OpenVaultError> {
    let keys = dir.path().join(KEYS);
    if keys.exists() {
        return open_existing(dir, settings, keys);
    }
    let unfinished = dir.path().join(NEW_KEYS).exists();
    if settings.bootstrap && unfinished && whole_in(dir) {
        return resume(dir, settings);
    }
    match left_in(dir).into_iter().next() {
        Some(_) if !unfinished => Err(OpenVaultError::KeysMissing(keys)),
        _ if !settings.bootstrap => Err(OpenVaultError::Empty(dir.path().to_owned())),
        _ => bootstrap(dir, settings),
    }
}

const KEYS: &str = "keys";
const NEW_KEYS: &str = "keys.new";

/// What a store is made of, also while it is being made.
const STORE: [&str; 4] = ["log", "state", "log.new", "state.new"];

fn left_in(dir: &DataDir) -> Vec<PathBuf> {
    let paths = STORE.map(|name| dir.path().join(name));
    paths.into_iter().filter(|path| path.exists()).collect()
}

/// A store whose making was finished, whatever became of its keys' name.
fn whole_in(dir: &DataDir) -> bool {
    ["log", "state"]
        .iter()
        .all(|name| dir.path().join(name).exists())
}

/// Goes on where a bootstrap stopped after it had made the store. Nothing is taken away: the store may have been in use,
/// and somebody have given its keys their first name again.
fn resume(dir: &DataDir, settings: &Settings) -> Result<Opened, OpenVaultError> {
    let opened = open_existing(dir, settings, dir.path().join(NEW_KEYS))?;
    let begun = opened.store.log.bounds().last.is_some() || opened.store.log.vote().is_some();
    if begun {
        key_file::rename(&dir.path().join(NEW_KEYS), &dir.path().join(KEYS))?;
    }
    Ok(Opened {
        new: !begun,
        ..opened
    })
}

fn open_existing(
    dir: &DataDir,
    settings: &Settings,
    keys: PathBuf,
) -> Result<Opened, OpenVaultError> {
    let sealed = key_file::read(&keys)?;
    let material = Material::read(&settings.seal, settings.passphrase_file.as_deref())?;
    let unsealed = sealed
        .unseal(material.for_unseal())
        .map_err(|error| OpenVaultError::Unseal(keys, error))?;
    drop(material);
    let (keyring, store_keys) = store_keys(&sealed, unsealed);
    let (store, state) = Store::open(dir.path(), store_keys)?;
    tracing::info!(cluster = %sealed.cluster, "unsealed");
    Ok(Opened {
        cluster: sealed.cluster,
        keyring,
        store,
        state,
        new: false,
    })
}

fn bootstrap(dir: &DataDir, settings: &Settings) -> Result<Opened, OpenVaultError> {
    for path in left_in(dir) {
        fs::remove_dir_all(&path).map_err(|error| OpenVaultError::Leftover(path, error))?;
    }
    let material = Material::read_or_make(&settings.seal, settings.passphrase_file.as_deref())?;
    let mut cluster = [0; 16];
    SystemRandom.fill(&mut cluster)?;
    let cluster = ClusterId::from_bytes(cluster);
    let params = PassphraseParams::for_machine(material::machine_memory());
    let slot = material.for_slot(params);
    let (sealed, unsealed) = KeyFile::create(cluster, FIRST_MEMBER, &[slot], &mut SystemRandom)?;
    drop(material);
    let new = dir.path().join(NEW_KEYS);
    key_file::write(&new, &sealed)?;
    let (keyring, store_keys) = store_keys(&sealed, unsealed);
    let (store, state) = Store::create(dir.path(), store_keys)?;
    Ok(Opened {
        cluster,
        keyring,
        store,
        state,
        new: true,
    })
}

/// Names the keys of a new cluster, which has members now: from here on a restart finds it.
pub(crate) fn finish(dir: &DataDir) -> Result<(), OpenVaultError> {
    key_file::rename(&dir.path().join(NEW_KEYS), &dir.path().join(KEYS))?;
    tracing::info!("made a new cluster");
    Ok(())
}

/// The root key ends here: nothing wraps keys while the manager runs.
fn store_keys(sealed: &KeyFile, unsealed: Unsealed) -> (Arc<Keyring>, StoreKeys) {
    let keyring = Arc::new(unsealed.keyring);
    let keys = StoreKeys {
        cluster: sealed.cluster,
        member: sealed.member,
        storage: unsealed.storage_key,
        keyring: Arc::clone(&keyring),
    };
    (keyring, keys)
}
