//! Services: references resolved once, checked against each other, removed when nobody runs.

use crate::durable::default;
use crate::durable::{Durable, create_service, destroy, name, remove, remove_service, version};
use crate::tasks::attach;
use strongroom_model::{Kind, ServiceId, VersionState};
use strongroom_state::{Event, Intent, Rejection, Response};

#[test]
fn latest_is_resolved_when_the_service_is_created_and_never_later() {
    let mut store = Durable::default();
    store.put("Db", 1).unwrap();
    store.put("db", 2).unwrap();
    let web = store
        .service("web", &["dB@latest", "source=db@1,target=old"])
        .unwrap();
    assert_eq!(store.events, [Event::Service(web)]);
    store.put("db", 3).unwrap();
    let references = store.state.service(web).unwrap().files.references();
    let resolved: Vec<_> = references
        .iter()
        .map(|one| (one.source.as_str(), one.version))
        .collect();
    assert_eq!(resolved, [("Db", version(2)), ("Db", version(1))]);
}

#[test]
fn a_service_of_nothing_is_a_service() {
    let mut store = Durable::default();
    let web = store.service("web", &[]).unwrap();
    assert_eq!(store.state.service(web).unwrap().revision.get(), 1);
}

#[test]
fn a_name_is_taken_once() {
    let mut store = Durable::default();
    store.service("Web", &[]).unwrap();
    assert_eq!(
        store.service("web", &["unknown"]),
        Err(Rejection::AlreadyExists {
            what: "service",
            name: "Web".to_owned()
        })
    );
}

#[test]
fn unknown_sources_and_versions_are_refused() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let id = store.id(Kind::Secret, "db").to_string();
    for unknown in ["other", id.as_str()] {
        let refused = store.service("web", &["db", unknown]);
        assert!(matches!(
            refused,
            Err(Rejection::NotFound { what: "secret", .. })
        ));
    }
    let refused = store.service("web", &["db@2"]);
    assert!(matches!(refused, Err(Rejection::VersionNotFound { .. })));
    let config = store.addition(Intent::Create, Kind::Config, "app", 1);
    store.add(config).unwrap();
    assert!(
        store.service("web", &["app"]).is_err(),
        "a config is no secret"
    );
}

#[test]
fn a_destroyed_version_cannot_be_referred_to() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store.put("db", 2).unwrap();
    store.apply(destroy(Kind::Secret, "db", 2)).unwrap();
    let destroyed = Err(Rejection::Destroyed {
        kind: Kind::Secret,
        name: "db".to_owned(),
        version: version(2),
        state: VersionState::Destroying,
    });
    assert_eq!(store.service("web", &["db@2"]), destroyed);
    assert_eq!(store.service("web", &["db@latest"]), destroyed);
    store.service("web", &["db@1"]).unwrap();
}

#[test]
fn references_that_meet_in_the_container_are_refused() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let refused = store.service("web", &["db", "source=db,target=/run/secrets/db"]);
    assert!(matches!(refused, Err(Rejection::Files(_))));
}

#[test]
fn a_service_with_containers_is_not_removed() {
    let mut store = Durable::default();
    let web = store.service("web", &[]).unwrap();
    for container in ["c2", "c1"] {
        let task = attach(&mut store, web, "node", container);
        store.apply(task).unwrap();
    }
    assert_eq!(
        store.apply(remove_service("web")),
        Err(Rejection::Attached {
            service: "web".to_owned(),
            containers: vec!["c1".to_owned(), "c2".to_owned()]
        })
    );
}

#[test]
fn a_removed_service_uses_nothing_any_more() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let web = store.service("web", &["db"]).unwrap();
    store.apply(remove_service("WEB")).unwrap();
    assert_eq!(store.events, [Event::Service(web)]);
    assert!(matches!(
        store.apply(remove_service("web")),
        Err(Rejection::NotFound {
            what: "service",
            ..
        })
    ));
    store.apply(remove(Kind::Secret, "db")).unwrap();
}

#[test]
fn an_id_that_is_taken_is_refused_as_raced() {
    let mut store = Durable::default();
    let web = store.service("web", &[]).unwrap();
    assert_eq!(
        store.apply(create_service(web, "app", &[])),
        Err(Rejection::Raced)
    );
    let other = ServiceId::from_bytes([7; 16]);
    assert_eq!(
        store.apply(create_service(other, "app", &[])),
        Ok(Response::Service(other))
    );
    assert_eq!(
        store
            .state
            .service_named(&default(), &name("app"))
            .unwrap()
            .id,
        other
    );
}

#[test]
fn a_refusal_names_a_few_users_and_counts_the_others() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    for number in 0..300 {
        store.service(&format!("web{number:03}"), &["db"]).unwrap();
    }
    let refused = store.apply(remove(Kind::Secret, "db")).unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("services: web000, web001, "), "{text}");
    assert!(
        text.ends_with("web007 and 292 more; remove them first"),
        "{text}"
    );
}
