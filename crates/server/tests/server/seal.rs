//! Sealed managers, wrong seals, damaged directories: refused in one line, and nothing is changed.

use crate::manager::{Folder, Manager};
use std::{collections::BTreeMap, fs, future::pending, path::Path};
use strongroom_server::{OpenVaultError, RunError, SealSetting, Settings, run};

async fn fails(settings: Settings) -> RunError {
    let error = run(settings, pending()).await.unwrap_err();
    let line = error.to_string();
    assert!(!line.contains('\n') && line.len() > 10, "{line:?}");
    error
}

/// Every file below a directory with its bytes.
fn content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(content(&path));
        } else {
            files.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    files
}

async fn stopped_cluster() -> Folder {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_opens_and_a_wrong_one_is_refused() {
    let folder = Folder::new();
    let file = folder.path().join("passphrase");
    fs::write(&file, "correct horse\n").unwrap();
    let (seal, passphrase_file) = (SealSetting::Passphrase, Some(file.clone()));
    let settings = Settings {
        seal,
        passphrase_file,
        ..folder.settings()
    };
    let manager = Manager::start(folder, settings.clone()).await;
    manager.put("db", b"one").await;
    let folder = manager.stop().await;
    fs::write(&file, "wrong horse\n").unwrap();
    let before = content(&folder.data_dir());
    let error = fails(settings.clone()).await;
    assert!(error.to_string().contains("wrong passphrase"), "{error}");
    assert_eq!(content(&folder.data_dir()), before);
    fs::write(&file, "correct horse").unwrap();
    let manager = Manager::start(folder, settings).await;
    assert_eq!(manager.put("db", b"one").await, 1);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_file_and_none_are_refused() {
    let folder = stopped_cluster().await;
    let key = folder.path().join("seal.key");
    let right = fs::read(&key).unwrap();
    fs::write(&key, [7; 32]).unwrap();
    assert!(
        fails(folder.settings())
            .await
            .to_string()
            .contains("wrong key file")
    );
    fs::write(&key, [7; 31]).unwrap();
    assert!(fails(folder.settings()).await.to_string().contains("31"));
    fs::remove_file(&key).unwrap();
    let error = fails(folder.settings()).await;
    assert!(error.to_string().contains("missing"), "{error}");
    assert!(!key.exists(), "a key file is made for a new cluster only");
    fs::write(&key, right).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let settings = folder.settings();
    Manager::start(folder, settings).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_does_not_open_what_a_key_file_has_sealed() {
    let folder = stopped_cluster().await;
    let file = folder.path().join("passphrase");
    fs::write(&file, "correct horse").unwrap();
    let settings = Settings {
        seal: SealSetting::Passphrase,
        passphrase_file: Some(file),
        ..folder.settings()
    };
    let error = fails(settings).await;
    assert!(error.to_string().contains("no passphrase slot"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_bootstrap_no_cluster_is_made() {
    let folder = Folder::new();
    let settings = Settings {
        bootstrap: false,
        ..folder.settings()
    };
    assert!(matches!(
        fails(settings.clone()).await,
        RunError::DataDir(_)
    ));
    fs::create_dir(folder.data_dir()).unwrap();
    let error = fails(settings).await;
    assert!(
        matches!(error, RunError::Open(OpenVaultError::Empty(_))),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn data_without_keys_is_never_taken_for_an_empty_directory() {
    let folder = stopped_cluster().await;
    let keys = folder.data_dir().join("keys");
    let kept = fs::read(&keys).unwrap();
    fs::remove_file(&keys).unwrap();
    let error = fails(folder.settings()).await;
    assert!(
        matches!(error, RunError::Open(OpenVaultError::KeysMissing(_))),
        "{error}"
    );
    fs::write(&keys, kept).unwrap();
    let settings = folder.settings();
    Manager::start(folder, settings).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_keys_have_their_first_name_again_is_opened_and_not_made_anew() {
    let folder = stopped_cluster().await;
    let settings = folder.settings();
    let manager = Manager::start(folder, settings).await;
    assert_eq!(manager.put("db", b"one").await, 1);
    let folder = manager.stop().await;
    let dir = folder.data_dir();
    fs::rename(dir.join("keys"), dir.join("keys.new")).unwrap();
    let settings = folder.settings();
    let manager = Manager::start(folder, settings).await;
    assert_eq!(manager.put("db", b"two").await, 2);
    assert!(dir.join("keys").exists() && !dir.join("keys.new").exists());
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bootstrap_that_did_not_finish_is_begun_anew() {
    let folder = stopped_cluster().await;
    let dir = folder.data_dir();
    fs::rename(dir.join("keys"), dir.join("keys.new")).unwrap();
    fs::remove_dir_all(dir.join("log")).unwrap();
    let settings = folder.settings();
    let manager = Manager::start(folder, settings).await;
    assert_eq!(manager.put("db", b"one").await, 1);
    assert!(dir.join("keys").exists() && !dir.join("keys.new").exists());
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flipped_byte_of_the_keys_file_is_noticed() {
    let folder = stopped_cluster().await;
    let keys = folder.data_dir().join("keys");
    let whole = fs::read(&keys).unwrap();
    for position in (0..whole.len()).step_by(whole.len() / 16) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x20;
        fs::write(&keys, &damaged).unwrap();
        fails(folder.settings()).await;
    }
    fs::write(&keys, &whole[..whole.len() / 2]).unwrap();
    fails(folder.settings()).await;
    fs::write(&keys, whole).unwrap();
    let settings = folder.settings();
    Manager::start(folder, settings).await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_managers_do_not_share_a_directory() {
    let manager = Manager::new().await;
    let socket = manager.folder().path().join("other.sock");
    let second = Settings {
        socket: socket.clone(),
        ..manager.folder().settings()
    };
    let error = fails(second).await;
    assert!(matches!(error, RunError::DataDir(_)), "{error}");
    assert!(error.to_string().contains("another strongroomd"), "{error}");
    assert!(!socket.exists());
    manager.put("db", b"one").await;
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_managers_do_not_share_a_socket() {
    let manager = Manager::new().await;
    let other = Folder::new();
    let second = Settings {
        socket: manager.folder().socket(),
        ..other.settings()
    };
    let error = fails(second).await;
    assert!(matches!(error, RunError::Listen(_)), "{error}");
    manager.put("db", b"one").await;
    manager.stop().await;
}
