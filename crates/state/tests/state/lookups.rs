//! Look-ups and lists.

use crate::durable::{Durable, default, labels, name, version};
use proptest::prelude::*;
use std::collections::BTreeSet;
use strongroom_model::{Kind, Labels, Name, Namespace, ObjectId, VersionRequest, limits};
use strongroom_state::{Filter, Intent, PageToken, Rejection};

#[test]
fn an_object_is_found_by_id_by_name_and_by_what_begins_its_id_alone() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let id = store.id(Kind::Secret, "db");
    let text = id.to_string();
    for known in ["db", "DB", &text, &text[..24], &text[..6]] {
        let found = store
            .state
            .find_object(Kind::Secret, &default(), &name(known));
        assert_eq!(found.map(|object| object.id), Ok(id), "{known}");
        let elsewhere = Namespace::parse("team").unwrap();
        for (kind, namespace) in [(Kind::Config, &default()), (Kind::Secret, &elsewhere)] {
            let found = store.state.find_object(kind, namespace, &name(known));
            assert!(matches!(found, Err(Rejection::NotFound { .. })), "{known}");
        }
    }
    let upper = text[..6].to_uppercase();
    assert_eq!(
        store
            .state
            .find_object(Kind::Secret, &default(), &name(&upper))
            .is_ok(),
        upper == text[..6]
    );
}

#[test]
fn a_name_wins_over_what_begins_an_id_and_a_full_id_over_a_name() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let id = store.id(Kind::Secret, "db").to_string();
    store.put(&id[..4], 1).unwrap();
    let find = |store: &Durable, text: &str| {
        let found = store
            .state
            .find_object(Kind::Secret, &default(), &name(text));
        found.unwrap().name.to_string()
    };
    assert_eq!(find(&store, &id[..4]), id[..4]);
    store.put(&id, 1).unwrap();
    assert_eq!(find(&store, &id), "db");
}

#[test]
fn what_begins_several_ids_is_ambiguous() {
    let mut store = Durable::default();
    for number in 0..100 {
        store.put(&format!("name-{number}"), 1).unwrap();
        store.service(&format!("name-{number}"), &[]).unwrap();
    }
    let begins = |ids: Vec<String>| ids.iter().filter(|id| id.starts_with('3')).count();
    let page = store
        .state
        .objects(Kind::Secret, &default(), &Filter::default(), None, 1000);
    let matches = begins(
        page.items
            .iter()
            .map(|object| object.id.to_string())
            .collect(),
    );
    assert!(matches > 1, "the test needs two ids with one beginning");
    let ambiguous = |matches, what| Rejection::Ambiguous {
        what,
        name: "3".to_owned(),
        matches,
    };
    let found = store
        .state
        .find_object(Kind::Secret, &default(), &name("3"));
    assert_eq!(found.err(), Some(ambiguous(matches, "secret")));
    let page = store
        .state
        .services(&default(), &Filter::default(), None, 1000);
    let matches = begins(
        page.items
            .iter()
            .map(|service| service.id.to_string())
            .collect(),
    );
    let found = store.state.find_service(&default(), &name("3"));
    assert_eq!(found.err(), Some(ambiguous(matches, "service")));
}

#[test]
fn a_service_is_found_by_id_name_and_what_begins_its_id_alone() {
    let mut store = Durable::default();
    let web = store.service("Web", &[]).unwrap();
    for known in ["web", &web.to_string(), &web.to_string()[..8]] {
        let found = store.state.find_service(&default(), &name(known));
        assert_eq!(found.map(|service| service.id), Ok(web), "{known}");
    }
    assert!(store.state.find_service(&default(), &name("app")).is_err());
}

#[test]
fn a_version_is_found_by_number_and_the_newest_by_latest() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store.put("db", 2).unwrap();
    let object = store
        .state
        .object_named(Kind::Secret, &default(), &name("db"))
        .unwrap();
    let find = |request| {
        store
            .state
            .find_version(object, request)
            .map(|found| found.number)
    };
    assert_eq!(find(VersionRequest::Latest), Ok(version(2)));
    assert_eq!(find(VersionRequest::Number(version(1))), Ok(version(1)));
    assert!(matches!(
        find(VersionRequest::Number(version(3))),
        Err(Rejection::VersionNotFound { .. })
    ));
    let numbers: Vec<_> = store
        .state
        .versions(object.id)
        .map(|one| one.number.get())
        .collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn name_filters_are_beginnings_and_alternatives_and_label_filters_all_hold() {
    let mut store = Durable::default();
    for (text, with) in [
        ("Apple", labels(&[("a", "1"), ("b", "1")])),
        ("apricot", labels(&[("a", "2")])),
        ("banana", labels(&[("a", "1")])),
        ("cherry", labels(&[])),
    ] {
        let mut add = store.addition(Intent::Create, Kind::Secret, text, 1);
        add.labels = Some(with);
        store.add(add).unwrap();
    }
    let list = |prefixes: &[&str], with: Labels| {
        let filter = Filter {
            name_prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
            labels: with,
        };
        let page = store
            .state
            .objects(Kind::Secret, &default(), &filter, None, 100);
        let names = page.items.iter().map(|object| object.name.to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    let none = Labels::default();
    assert_eq!(list(&[], none.clone()), "Apple apricot banana cherry");
    assert_eq!(list(&["AP"], none.clone()), "Apple apricot");
    assert_eq!(
        list(&["c", "app", "ap", "b/"], none.clone()),
        "Apple apricot cherry"
    );
    assert_eq!(list(&["zebra"], none), "");
    assert_eq!(list(&[], labels(&[("a", "")])), "Apple apricot banana");
    assert_eq!(list(&[], labels(&[("a", "1")])), "Apple banana");
    assert_eq!(list(&[], labels(&[("a", "1"), ("b", "")])), "Apple");
    assert_eq!(list(&["b"], labels(&[("a", "1")])), "banana");
}

#[test]
fn pages_have_at_least_one_item_and_at_most_the_limit() {
    let mut store = Durable::default();
    for number in 0..1_002 {
        let add = store.addition(Intent::Put, Kind::Config, &format!("n{number:04}"), 1);
        let command = strongroom_state::Command {
            request: None,
            time: strongroom_model::Timestamp::default(),
            change: strongroom_state::Change::AddVersion(add),
        };
        store.state.apply(number, &command).outcome.unwrap();
    }
    let filter = Filter::default();
    let page = |limit| {
        store
            .state
            .objects(Kind::Config, &default(), &filter, None, limit)
    };
    assert_eq!(page(0).items.len(), 1);
    assert_eq!(page(usize::MAX).items.len(), limits::PAGE);
    assert!(page(usize::MAX).next.is_some());
}

proptest! {
    #[test]
    fn pages_together_are_the_whole_list(
        names in proptest::collection::btree_set("[a-c]{1,3}", 0..20),
        prefixes in proptest::collection::vec("[A-c]{0,2}", 0..3),
        limit in 1..5_usize,
    ) {
        let mut store = Durable::default();
        for text in &names {
            store.put(text, 1).unwrap();
        }
        let filter = Filter { name_prefixes: prefixes.clone(), ..Filter::default() };
        let (mut listed, mut token) = (Vec::new(), None::<PageToken>);
        loop {
            let page = store.state.objects(Kind::Secret, &default(), &filter, token.as_ref(), limit);
            prop_assert!(page.items.len() <= limit);
            listed.extend(page.items.iter().map(|object| object.name.to_string()));
            let Some(next) = page.next else { break };
            prop_assert_eq!(page.items.len(), limit);
            token = Some(PageToken::parse(&next.to_string()).unwrap());
        }
        let fits = |text: &&String| {
            prefixes.is_empty() || prefixes.iter().any(|prefix| text.starts_with(&prefix.to_lowercase()))
        };
        prop_assert_eq!(listed, names.iter().filter(fits).cloned().collect::<Vec<_>>());
    }

    #[test]
    fn any_text_is_a_page_token_or_refused(text in "[0-9a-fA-F]{0,12}|.{0,20}") {
        if let Ok(token) = PageToken::parse(&text) {
            prop_assert_eq!(token.to_string(), text);
        }
    }

    #[test]
    fn what_begins_an_id_finds_what_a_scan_would(
        ids in proptest::collection::btree_set(any::<[u8; 16]>(), 1..8),
        cut in 1..=25_usize,
    ) {
        let mut store = Durable::default();
        for (number, id) in ids.iter().enumerate() {
            let mut add = store.addition(Intent::Create, Kind::Secret, &format!("-{number}").replace('-', "n-"), 1);
            add.object = ObjectId::from_bytes(*id);
            store.add(add).unwrap();
        }
        let all: BTreeSet<String> = ids.iter().map(|id| ObjectId::from_bytes(*id).to_string()).collect();
        for id in &all {
            let scan = all.iter().filter(|other| other.starts_with(&id[..cut])).count();
            let found = store.state.find_object(Kind::Secret, &default(), &Name::parse(&id[..cut]).unwrap());
            match found {
                Ok(object) => prop_assert_eq!((object.id.to_string(), 1), (id.clone(), scan)),
                Err(Rejection::Ambiguous { matches, .. }) => prop_assert_eq!(matches, scan),
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }
}
