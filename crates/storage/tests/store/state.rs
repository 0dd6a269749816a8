//! The state by itself: the root, payloads, snapshots.

use crate::member::{Folder, ciphertext, files, id, put, remove};
use strongroom_model::Version;

#[test]
fn equal_states_have_equal_roots_however_they_came_about() {
    let one = Folder::new();
    let mut member = one.create();
    let empty = member.store.state.root();
    member.put(0);
    let with_one = member.store.state.root();
    assert_ne!(with_one, empty);
    member.put(1);
    assert_ne!(member.store.state.root(), with_one);
    let root = member.store.state.root();
    member.propose(&put(1));
    assert_eq!(member.store.state.root(), root, "a retry changes nothing");
    drop(member);
    assert_eq!(one.open().unwrap().store.state.root(), root);
}

#[test]
fn a_removed_payload_is_gone() {
    let folder = Folder::new();
    let mut member = folder.create();
    member.put(0);
    member.put(1);
    member.propose(&remove(0));
    assert_eq!(
        member.store.state.payload(id(0), Version::FIRST).unwrap(),
        None
    );
    drop(member);
    let member = folder.open().unwrap();
    assert_eq!(
        member.store.state.payload(id(0), Version::FIRST).unwrap(),
        None
    );
    let kept = member.store.state.payload(id(1), Version::FIRST).unwrap();
    assert_eq!(kept, Some(ciphertext(1)));
}

#[test]
fn a_snapshot_is_a_whole_state_and_goes_with_its_last_holder() {
    let folder = Folder::new();
    let mut member = folder.create();
    member.put(0);
    member.put(1);
    let snapshot = member.store.state.snapshot().unwrap();
    let standing = snapshot.applied().position;
    let again = member.store.state.snapshot().unwrap();
    member.put(2);
    assert_eq!(standing.unwrap().index, 1);
    assert_ne!(snapshot.dir(), again.dir());
    assert!(!files(snapshot.dir()).is_empty());

    // As a member would that was sent the snapshot.
    let copy = folder.path().with_file_name("copy");
    crate::member::copy(&folder.path(), &copy);
    std::fs::remove_dir_all(copy.join("state")).unwrap();
    crate::member::copy(snapshot.dir(), &copy.join("state"));
    folder.open_at(&copy).unwrap().assert_has(3);

    let (one, two) = (snapshot.dir().to_owned(), again.dir().to_owned());
    drop((snapshot, again));
    assert!(!one.exists() && !two.exists());
}

#[test]
fn snapshots_of_an_earlier_run_are_removed() {
    let folder = Folder::new();
    let mut member = folder.create();
    member.put(0);
    drop(member);
    let left = folder.path().join("snapshot/00000000000000000000-0");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("CURRENT"), "x").unwrap();
    folder.open().unwrap().assert_has(1);
    assert!(!left.exists());
}
