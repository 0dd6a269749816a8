//! A store that was changed behind our back is refused, or serves the right bytes.

use crate::member::{Folder, Member, copy, files};
use rocksdb::{DB, Options};
use std::path::Path;
use strongroom_storage::{Damage, OpenError};

/// Positions of a byte that are flipped, spread over all files.
const FLIPS: u64 = 300;

#[test]
fn a_flipped_byte_anywhere_is_refused_or_does_no_harm() {
    let folder = Folder::new();
    folder.filled();
    let total: u64 = files(&folder.path())
        .iter()
        .map(|file| file.metadata().unwrap().len())
        .sum();
    let mut refused = 0;
    for flip in 0..FLIPS {
        let mut position = total * flip / FLIPS;
        let copied = copied(&folder);
        for file in files(&copied) {
            let length = file.metadata().unwrap().len();
            if position < length {
                let mut bytes = std::fs::read(&file).unwrap();
                bytes[usize::try_from(position).unwrap()] ^= 1 << (flip % 8);
                std::fs::write(&file, bytes).unwrap();
                refused += refused_or_whole(&folder, &copied, &format!("{file:?} at {position}"));
                break;
            }
            position -= length;
        }
    }
    assert!(refused > 0, "no flip was noticed");
}

#[test]
fn a_truncated_or_missing_file_is_refused_or_does_no_harm() {
    let folder = Folder::new();
    folder.filled();
    let mut refused = 0;
    for file in files(&folder.path()) {
        let name = file.strip_prefix(folder.path()).unwrap();
        let length = file.metadata().unwrap().len();
        for keep in [
            0,
            length / 3,
            length / 2,
            length * 9 / 10,
            length.saturating_sub(1),
        ] {
            let copied = copied(&folder);
            let file = std::fs::File::options()
                .write(true)
                .open(copied.join(name))
                .unwrap();
            file.set_len(keep).unwrap();
            refused += refused_or_whole(&folder, &copied, &format!("{name:?} cut to {keep}"));
        }
        let copied = copied(&folder);
        std::fs::remove_file(copied.join(name)).unwrap();
        refused += refused_or_whole(&folder, &copied, &format!("{name:?} removed"));
    }
    assert!(refused > 0, "nothing was noticed");
}

#[test]
fn a_deleted_table_is_refused() {
    let folder = Folder::new();
    folder.filled();
    let tables = files(&folder.path());
    let tables = tables
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "sst"));
    let mut count = 0;
    for table in tables {
        let copied = copied(&folder);
        std::fs::remove_file(copied.join(table.strip_prefix(folder.path()).unwrap())).unwrap();
        let damage = damage(&folder, &copied);
        assert!(matches!(damage, Damage::Files { .. }), "{damage}");
        count += 1;
    }
    assert!(count > 0, "the store has no tables");
}

#[test]
fn write_ahead_logs_that_were_taken_for_log_files_are_missed() {
    let folder = Folder::new();
    folder.filled();
    let copied = copied(&folder);
    let logs = files(&copied);
    for log in logs
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "log"))
    {
        std::fs::remove_file(log).unwrap();
    }
    let damage = damage(&folder, &copied);
    assert!(matches!(damage, Damage::Files { .. }), "{damage}");
}

#[test]
fn swapped_deleted_and_added_records_are_refused() {
    let folder = Folder::new();
    folder.filled();
    let changes: [(&str, Change); 6] = [
        ("swapped payloads", |db| swap(db, "payloads")),
        ("swapped data keys", |db| swap(db, "data-keys")),
        ("swapped records", |db| swap(db, "records")),
        ("a deleted record", |db| {
            let (key, _) = first_two(db, "records")[0].clone();
            db.delete_cf(db.cf_handle("records").unwrap(), key).unwrap();
        }),
        ("a deleted payload", |db| {
            let (key, _) = first_two(db, "payloads")[0].clone();
            db.delete_cf(db.cf_handle("payloads").unwrap(), &key)
                .unwrap();
            db.delete_cf(db.cf_handle("data-keys").unwrap(), &key)
                .unwrap();
        }),
        ("an added payload", |db| {
            let (key, value) = first_two(db, "payloads")[0].clone();
            let key = [&key[..16], &9u64.to_be_bytes()].concat();
            db.put_cf(db.cf_handle("payloads").unwrap(), &key, &value)
                .unwrap();
            db.put_cf(db.cf_handle("data-keys").unwrap(), &key, &value)
                .unwrap();
        }),
    ];
    for (what, change) in changes {
        let copied = copied(&folder);
        change(&raw_state(&copied));
        let damage = damage(&folder, &copied);
        assert!(
            matches!(damage, Damage::StateRoot | Damage::Record(_)),
            "{what}: {damage}"
        );
    }
}

#[test]
fn records_that_were_put_back_are_refused() {
    let folder = Folder::new();
    folder.filled();
    let old = all(&raw_state(&copied(&folder)), "records");
    let mut member = folder.open().unwrap();
    member.propose(&crate::member::remove(3));
    member.store.close();
    drop(member);
    let db = raw_state(&folder.path());
    let family = db.cf_handle("records").unwrap();
    let now: Vec<_> = all(&db, "records")
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    let removed = old.iter().find(|(key, _)| !now.contains(key)).unwrap();
    db.put_cf(family, &removed.0, &removed.1).unwrap();
    drop(db);
    assert_eq!(damage(&folder, &folder.path()), Damage::StateRoot);
}

#[test]
fn a_log_entry_that_was_deleted_replaced_or_cut_off_is_refused() {
    let folder = Folder::new();
    folder.filled();
    let entry = |index: u64| [&[1], &index.to_be_bytes()[..]].concat();

    let gap = copied(&folder);
    raw_log(&gap).delete(entry(4)).unwrap();
    assert_eq!(damage(&folder, &gap), Damage::LogGap(4));

    let moved = copied(&folder);
    let db = raw_log(&moved);
    let other = db.get(entry(2)).unwrap().unwrap();
    db.put(entry(4), other).unwrap();
    drop(db);
    assert_eq!(damage(&folder, &moved), Damage::Record("a log entry"));

    let cut = copied(&folder);
    raw_log(&cut).delete(entry(7)).unwrap();
    let found = damage(&folder, &cut);
    assert_eq!(
        found,
        Damage::LogEnd {
            found: 6,
            expected: 7
        }
    );
}

#[test]
fn a_log_that_is_older_than_the_state_is_refused() {
    let folder = Folder::new();
    folder.filled();
    let older = copied(&folder);
    let mut member = folder.open().unwrap();
    member.put(8);
    drop(member);
    std::fs::remove_dir_all(folder.path().join("log")).unwrap();
    copy(&older.join("log"), &folder.path().join("log"));
    assert_eq!(
        damage(&folder, &folder.path()),
        Damage::LogBehindState { log: 7, state: 8 }
    );
}

/// 1 if it is refused; otherwise all that was acknowledged must be there.
fn refused_or_whole(folder: &Folder, path: &Path, what: &str) -> u32 {
    let opened = std::panic::catch_unwind(|| folder.open_at(path));
    match opened.unwrap_or_else(|_| panic!("{what}: opening panicked")) {
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains('\n'), "{what}: {line}");
            let expected = matches!(error, OpenError::Damaged { .. } | OpenError::Io { .. });
            assert!(expected, "{what}: {line}");
            1
        }
        Ok(member) => {
            assert_whole(&member, what);
            0
        }
    }
}

fn assert_whole(member: &Member, what: &str) {
    let whole = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| member.assert_has(8)));
    assert!(whole.is_ok(), "{what}: opened, with something else in it");
}

fn damage(folder: &Folder, path: &Path) -> Damage {
    match folder.open_at(path).err().expect("it is refused") {
        OpenError::Damaged { damage, .. } => damage,
        other => panic!("{other}"),
    }
}

fn copied(folder: &Folder) -> std::path::PathBuf {
    let path = folder.path().with_file_name("copied");
    copy(&folder.path(), &path);
    path
}

fn raw_log(path: &Path) -> DB {
    DB::open(&Options::default(), path.join("log")).unwrap()
}

fn raw_state(path: &Path) -> DB {
    let families = ["default", "records", "payloads", "data-keys"];
    DB::open_cf(&Options::default(), path.join("state"), families).unwrap()
}

type Item = (Vec<u8>, Vec<u8>);
type Change = fn(&DB);

fn all(db: &DB, family: &str) -> Vec<Item> {
    let items = db.iterator_cf(db.cf_handle(family).unwrap(), rocksdb::IteratorMode::Start);
    items
        .map(|item| item.map(|(key, value)| (key.into(), value.into())).unwrap())
        .collect()
}

fn first_two(db: &DB, family: &str) -> [Item; 2] {
    let items = all(db, family);
    [items[0].clone(), items[1].clone()]
}

fn swap(db: &DB, family: &str) {
    let [(key, value), (other_key, other_value)] = first_two(db, family);
    let family = db.cf_handle(family).unwrap();
    db.put_cf(family, key, other_value).unwrap();
    db.put_cf(family, other_key, value).unwrap();
}
