//! Making and opening a store.

use crate::member::{Folder, copy, files, name};
use strongroom_storage::{CreateError, OpenError, Store};

#[test]
fn what_was_acknowledged_is_there_after_a_clean_and_an_unclean_stop() {
    let folder = Folder::new();
    let mut member = folder.create();
    member.put(0);
    member.put(1);
    member.store.close();
    drop(member);
    let mut member = folder.open().unwrap();
    member.assert_has(2);
    member.put(2);
    // Copied while it is open: what a crash of the process leaves.
    let crashed = folder.path().with_file_name("crashed");
    copy(&folder.path(), &crashed);
    drop(member);
    folder.open().unwrap().assert_has(3);
    folder.open_at(&crashed).unwrap().assert_has(3);
}

#[test]
fn a_state_that_lost_its_unsynced_writes_is_applied_again_from_the_log() {
    let folder = Folder::new();
    let mut member = folder.create();
    member.put(0);
    member.store.close();
    drop(member);
    let older_state = folder.path().with_file_name("older");
    copy(&folder.path().join("state"), &older_state);
    let mut member = folder.open().unwrap();
    member.put(1);
    let root = member.store.state.root();
    drop(member);
    std::fs::remove_dir_all(folder.path().join("state")).unwrap();
    copy(&older_state, &folder.path().join("state"));
    let member = folder.open().unwrap();
    member.assert_has(2);
    assert_eq!(member.store.state.root(), root);
}

#[test]
fn an_empty_directory_is_no_store_and_stays_empty() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path()).unwrap();
    let error = folder.open().err().unwrap();
    assert!(matches!(error, OpenError::NotAStore(_)), "{error}");
    assert_eq!(files(&folder.path()).len(), 0);
}

#[test]
fn a_store_is_not_made_over_another() {
    let folder = Folder::new();
    folder.filled();
    let error = Store::create(&folder.path(), folder.keys()).unwrap_err();
    assert!(matches!(error, CreateError::Exists(_)), "{error}");
    folder.open().unwrap().assert_has(8);
}

#[test]
fn a_store_that_was_half_made_is_made_anew() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("log.new")).unwrap();
    std::fs::write(folder.path().join("log.new/CURRENT"), "x").unwrap();
    folder.create().assert_has(0);
}

#[test]
fn two_cannot_have_one_store_open() {
    let folder = Folder::new();
    let member = folder.create();
    let error = folder.open().err().unwrap();
    assert!(matches!(error, OpenError::Locked(_)), "{error}");
    drop(member);
    assert!(folder.open().is_ok());
}

#[test]
fn another_key_is_told_from_damage() {
    let folder = Folder::new();
    folder.filled();
    let other = Folder::new();
    let error = other.open_at(&folder.path()).err().unwrap();
    assert!(matches!(error, OpenError::WrongKey(_)), "{error}");
    folder.open().unwrap().assert_has(8);
}

#[test]
fn a_newer_format_is_named() {
    let folder = Folder::new();
    folder.filled();
    let db = rocksdb::DB::open_default(folder.path().join("log")).unwrap();
    db.put(b"format", 2u32.to_be_bytes()).unwrap();
    drop(db);
    let error = folder.open().err().unwrap();
    assert!(
        matches!(error, OpenError::NewerFormat { found: 2, .. }),
        "{error}"
    );
}

#[test]
fn names_and_bytes_of_commands_are_in_no_file() {
    let folder = Folder::new();
    folder.filled();
    for file in files(&folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        for number in 0..8 {
            let needle = name(number);
            let found = bytes
                .windows(needle.len())
                .any(|window| window == needle.as_bytes());
            assert!(!found, "{needle} is in {file:?}");
        }
    }
}
