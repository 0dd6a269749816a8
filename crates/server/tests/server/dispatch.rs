//! What an agent is told, and that only its session can open it.

use crate::manager::{Manager, PATIENCE};
use strongroom_api::{
    dispatch::{
        AttachTaskRequest, Content, SessionRequest, SessionResponse, assignment_change::Change,
    },
    v1,
};
use strongroom_crypto::{PayloadContext, SealedDataKey, SessionSecret, SystemRandom};
use strongroom_model::{ClusterId, Kind, Namespace, ObjectId, PayloadSize, Version};
use tokio::time::timeout;
use tonic::{Code, Streaming};

/// An agent's end of a session.
struct Agent {
    secret: SessionSecret,
    messages: Streaming<SessionResponse>,
    sequence: u64,
}

impl Agent {
    async fn connect(manager: &Manager, containers: &[&str]) -> Self {
        let secret = SessionSecret::generate(&mut SystemRandom).unwrap();
        let request = SessionRequest {
            node: "node-1".to_owned(),
            session_public_key: secret.public().0.to_vec(),
            containers: containers
                .iter()
                .map(|container| (*container).to_owned())
                .collect(),
        };
        let messages = manager
            .dispatcher()
            .session(request)
            .await
            .unwrap()
            .into_inner();
        Self {
            secret,
            messages,
            sequence: 0,
        }
    }

    /// All changes up to the next complete message.
    async fn changes(&mut self, start: bool) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut first = start;
        loop {
            let message = timeout(PATIENCE, self.messages.message())
                .await
                .unwrap()
                .unwrap()
                .unwrap();
            assert_eq!((message.applies_to, message.start), (self.sequence, first));
            assert_eq!(message.results_in, self.sequence + 1);
            self.sequence = message.results_in;
            first = false;
            changes.extend(
                message
                    .changes
                    .into_iter()
                    .filter_map(|change| change.change),
            );
            if message.complete {
                return changes;
            }
        }
    }

    /// The bytes of a content, by the session's secret.
    fn open(&self, content: &Content) -> Vec<u8> {
        let id = content.id.as_ref().unwrap();
        let namespace = Namespace::parse(&content.namespace).unwrap();
        let kind = if content.kind == 1 {
            Kind::Secret
        } else {
            Kind::Config
        };
        let context = PayloadContext {
            cluster: ClusterId::from_bytes(content.cluster_id.clone().try_into().unwrap()),
            kind,
            namespace: &namespace,
            object: ObjectId::parse(&id.object_id).unwrap(),
            version: Version::new(id.version).unwrap(),
        };
        let sealed = SealedDataKey {
            encapsulated_key: content.encapsulated_key.clone().try_into().unwrap(),
            ciphertext: content.sealed_data_key.clone(),
        };
        let data_key = self.secret.open_data_key(&context, &sealed).unwrap();
        let size = usize::try_from(content.size_bytes).unwrap();
        let size = PayloadSize::new(kind, size).unwrap();
        data_key
            .decrypt_payload(&context, size, &content.record)
            .unwrap()
            .expose()
            .to_vec()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_with_all_services_and_contents_that_its_secret_opens() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager.put("db", b"two").await;
    let service = manager
        .service("web", &[("db", 1, "a"), ("db", 2, "b"), ("db", 2, "c")])
        .await;
    let mut agent = Agent::connect(&manager, &[]).await;
    let changes = agent.changes(true).await;
    let [
        Change::PutContent(one),
        Change::PutContent(two),
        Change::PutService(web),
    ] = &changes[..]
    else {
        panic!("two contents, then the service: {changes:?}");
    };
    assert_eq!(
        (agent.open(one), agent.open(two)),
        (b"one".to_vec(), b"two".to_vec())
    );
    assert_eq!(
        (&web.service_id, web.service.as_str(), web.files.len()),
        (&service.id, "web", 3)
    );
    assert_eq!(
        (
            web.files[0].target.as_str(),
            web.files[0].mode,
            web.files[0].size_bytes
        ),
        ("a", 0o444, 3)
    );
    let other = SessionSecret::generate(&mut SystemRandom).unwrap();
    let stranger = Agent {
        secret: other,
        ..Agent::connect(&manager, &[]).await
    };
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| stranger.open(one)));
    assert!(
        opened.is_err(),
        "a content opens with the secret of its session alone"
    );
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_follow_one_by_one() {
    let manager = Manager::new().await;
    let mut agent = Agent::connect(&manager, &[]).await;
    assert!(agent.changes(true).await.is_empty());
    manager.put("db", b"one").await;
    let service = manager.service("web", &[("db", 0, "")]).await;
    let changes = agent.changes(false).await;
    assert!(
        matches!(&changes[..], [Change::PutContent(_), Change::PutService(_)]),
        "{changes:?}"
    );
    manager.service("api", &[("db", 1, "")]).await;
    let changes = agent.changes(false).await;
    assert!(
        matches!(&changes[..], [Change::PutService(_)]),
        "the content is known: {changes:?}"
    );
    for name in ["api", "web"] {
        let request = v1::DeleteServiceRequest {
            name: name.to_owned(),
            ..Default::default()
        };
        manager.services().delete_service(request).await.unwrap();
    }
    assert!(matches!(
        &agent.changes(false).await[..],
        [Change::RemoveService(_)]
    ));
    let changes = agent.changes(false).await;
    let [Change::RemoveService(id), Change::RemoveContent(_)] = &changes[..] else {
        panic!("the service, then its content: {changes:?}");
    };
    assert_eq!(id, &service.id);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contents_larger_than_a_message_come_in_several() {
    let manager = Manager::new().await;
    let payloads: Vec<Vec<u8>> = (0..6u8).map(|number| vec![number; 700_000]).collect();
    for payload in &payloads {
        manager.put("large", payload).await;
    }
    let references: Vec<_> = (1..=6)
        .map(|version| ("large", version, format!("f{version}")))
        .collect();
    let references: Vec<_> = references
        .iter()
        .map(|(name, version, target)| (*name, *version, target.as_str()))
        .collect();
    manager.service("web", &references).await;
    let mut agent = Agent::connect(&manager, &[]).await;
    let changes = agent.changes(true).await;
    assert!(agent.sequence > 1);
    let contents = changes.iter().filter_map(|change| match change {
        Change::PutContent(content) => Some(agent.open(content)),
        _ => None,
    });
    assert!(contents.eq(payloads));
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_development_nothing_is_assigned() {
    let folder = crate::manager::Folder::new();
    let settings = strongroom_server::Settings {
        dev: false,
        ..folder.settings()
    };
    let manager = Manager::start(folder, settings).await;
    manager.put("db", b"one").await;
    manager.service("web", &[("db", 0, "")]).await;
    let mut agent = Agent::connect(&manager, &[]).await;
    assert!(agent.changes(true).await.is_empty());
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_session_ends_the_one_before_and_forgets_containers_that_are_gone() {
    let manager = Manager::new().await;
    let service = manager.service("web", &[]).await;
    let mut first = Agent::connect(&manager, &[]).await;
    first.changes(true).await;
    for container in ["c1", "c2"] {
        let attach = AttachTaskRequest {
            node: "node-1".to_owned(),
            container: container.to_owned(),
            service_id: service.id.clone(),
            revision: 1,
        };
        manager.dispatcher().attach_task(attach).await.unwrap();
    }
    let mut second = Agent::connect(&manager, &["c2"]).await;
    second.changes(true).await;
    let ended = timeout(PATIENCE, first.messages.message()).await.unwrap();
    assert!(!matches!(ended, Ok(Some(_))), "{ended:?}");
    let tasks = manager
        .services()
        .list_tasks(v1::ListTasksRequest::default())
        .await
        .unwrap();
    let containers: Vec<_> = tasks
        .into_inner()
        .tasks
        .into_iter()
        .map(|task| task.container)
        .collect();
    assert_eq!(containers, ["c2"]);
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_no_agent_would_make_ends_the_session_with_the_reason() {
    let manager = Manager::new().await;
    manager.put("db", b"one").await;
    manager.service("web", &[("db", 0, "")]).await;
    let (node, session_public_key) = ("node-1".to_owned(), vec![0; 32]);
    let request = SessionRequest {
        node,
        session_public_key,
        containers: Vec::new(),
    };
    let mut messages = manager
        .dispatcher()
        .session(request)
        .await
        .unwrap()
        .into_inner();
    let status = timeout(PATIENCE, messages.message())
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    manager.stop().await;
}
