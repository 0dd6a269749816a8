//! Writes the seeds in `fuzz/corpus/`. All of them come from here, so that a change of an encoding or of a target's
//! input needs one run and no editor for bytes; what ought to be accepted is checked to be.

use prost::Message;
use std::{fs, path::Path};
use strongroom_api::v1;
use strongroom_codec::{
    decode_command, decode_key_file, decode_record, encode_command, encode_key_file, encode_record,
};
use strongroom_fuzz::fixed_keys::{self, Counting};
use strongroom_fuzz::{REQUESTS, step};
use strongroom_model::{Namespace, ObjectId, RequestedReference, ServiceId};
use strongroom_sensitive::SecretBytes;
use strongroom_state::{Record, State};

/// A service from its first secret to its last container, and what comes after; every command is carried out.
const LIFE: [[u8; step::STEP]; 17] = [
    [1, 0, 1, 1, 1, 0, 9, 1],          // creates the secret "db"
    [0, 0, 2, 2, 0, 0, 10, 0],         // puts its version 2
    [1, 9, 0, 3, 2, 0, 5, 0],          // creates the config "tls.key"
    [3, 0, 0, 4, 2, 1, 0, 0],          // changes a label of "db"
    [7, 4, 3, 5, 1, 0x28, 0xa5, 0x80], // creates a service with both versions and the config
    [9, 0, 4, 6, 0, 0, 0x11, 0],       // attaches a container
    [9, 0, 0, 7, 1, 1, 0x12, 0],       // and one on another node
    [9, 0, 0, 7, 0, 2, 0x13, 0],       // and one more
    [11, 0, 0, 8, 0, 1, 0, 0],         // which the first node does not have any more
    [10, 0, 0, 9, 1, 1, 0, 0],         // detaches the second
    [10, 0, 0, 9, 0, 0, 0, 0],         // and the first
    [8, 4, 0, 11, 0, 0, 0, 0],         // removes the service
    [6, 0, 5, 12, 0, 0, 0, 0],         // destroys "db@1"
    [5, 0, 0, 13, 0, 0, 0, 0],         // removes it
    [4, 0, 0, 14, 0, 0, 0, 0],         // removes "db"
    [1, 0, 0, 15, 3, 0, 9, 0],         // creates it again
    [2, 0, 0, 16, 0, 0x43, 9, 0],      // puts the same bytes if the newest version is 3
];

fn main() {
    names();
    reference_options();
    record_decode();
    apply_sequence();
    tree_ops();
    api_requests();
}

fn write(target: &str, name: &str, seed: impl AsRef<[u8]>) {
    let hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    assert!(
        !(name.starts_with(hex) && name.ends_with(hex)),
        "git ignores {name}: see .gitignore"
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), seed).unwrap();
}

fn names() {
    let object = ObjectId::from_bytes([0xa5; 16]).to_string();
    let container = "4f".repeat(32);
    for (name, text) in [
        ("name", "Db-Password_2.key"),
        ("namespace-empty", ""),
        ("node", "node-1.example.com"),
        ("version", "42"),
        ("object-id", object.as_str()),
        ("request-id", "00112233445566778899aabbccddeeff"),
        ("container-of-hex", container.as_str()),
        ("target-absolute", "/etc/app/config.json"),
        ("target-relative-path", "tls/key.pem"),
        ("target-escaping", "../../etc/passwd"),
        ("labels", "env=live\nowner=\nteam=blue=green"),
        ("label-with-controls", "env=\u{7}\u{1b}[31m"),
    ] {
        write("names", name, text);
    }
}

fn reference_options() {
    for (name, text) in [
        ("just-a-name", "db"),
        ("newest", "db@latest"),
        ("one-version", "db@3"),
        (
            "every-option",
            "source=db@3,target=/etc/db/password,uid=1000,gid=4294967294,mode=0400",
        ),
        ("short-key", "src=tls.key,target=tls/key.pem"),
    ] {
        assert!(RequestedReference::parse(text).is_ok(), "{text}");
        write("reference_options", name, text);
    }
    write(
        "reference_options",
        "mode-of-no-digits",
        "source=db,mode=999",
    );
    write(
        "reference_options",
        "target-escaping",
        "source=db,target=../../etc/passwd",
    );
    write(
        "reference_options",
        "given-twice-not",
        "source=db,uid=1,uid=1",
    );
}

/// The commands of [`LIFE`], the records of the state at its fullest, the keys file, and what is encrypted.
fn record_decode() {
    let mut state = State::default();
    for (index, bytes) in (1..).zip(LIFE) {
        let command = encode_command(&step::command(bytes, &state));
        let decoded = decode_command(&command).unwrap();
        let outcome = state.apply(index, &decoded).outcome;
        assert!(outcome.is_ok(), "command {index}: {outcome:?}");
        write(
            "record_decode",
            &format!(
                "log-entry-{index:02}-{}",
                ["put", "create-one"][usize::from(index == 1)]
            ),
            command,
        );
        for record in state.records() {
            let name = match record {
                Record::Object(_) => "object",
                Record::Version(_) => "version",
                Record::RetiredName(_) => "name-that-was-retired-so",
                Record::Service(_) => "service-with-files",
                Record::Task(_) => "task",
                Record::Request(_) => "request",
                Record::Clock(_) => "clock",
            };
            let encoded = encode_record(&record);
            assert_eq!(decode_record(&encoded), Ok(record));
            write("record_decode", &format!("record-{name}"), encoded);
        }
    }
    let keys = encode_key_file(&fixed_keys::key_file());
    assert_eq!(decode_key_file(&keys), Ok(fixed_keys::key_file()));
    write("record_decode", "keys", &keys);
    write(
        "record_decode",
        "keys-without-checksum",
        &keys[..keys.len() - 32],
    );
    encrypted();
}

fn encrypted() {
    let (keyring, namespace) = (fixed_keys::keyring(), Namespace::default());
    let (context, mut random) = (fixed_keys::payload_context(&namespace), Counting::default());
    let payload = SecretBytes::from_vec(b"payload".to_vec());
    let payload = keyring
        .encrypt_payload(&context, &payload, &mut random)
        .unwrap();
    write(
        "record_decode",
        "wrapped-data-key",
        payload.wrapped_data_key,
    );
    write("record_decode", "payload", payload.record);
    let context = fixed_keys::state_context();
    let record = keyring
        .state_key()
        .encrypt(&context, b"record", &mut random)
        .unwrap();
    write("record_decode", "record-encrypted-so", record);
}

fn apply_sequence() {
    write("apply_sequence", "life-of-all", LIFE.concat());
    // What is in use stays, a retry gets the first answer, and a writer who was too late is told.
    let refused: [[u8; step::STEP]; 5] = [
        [4, 0, 0, 6, 0, 0, 0, 0],
        [6, 0, 0, 6, 0, 0, 0, 0],
        [7, 4, 3, 6, 1, 0x28, 0, 0],
        [0, 0, 0, 6, 0, 0x41, 11, 0],
        [0, 0, 0, 6, 4, 0x80, 12, 0],
    ];
    write(
        "apply_sequence",
        "refusals",
        [&LIFE[..5], &refused].concat().concat(),
    );
    // Requests are forgotten after ten minutes.
    let late: [[u8; step::STEP]; 2] = [[0, 0, 6, 200, 0, 0, 13, 0], [0, 0, 1, 255, 0, 0, 14, 0]];
    write(
        "apply_sequence",
        "long-after",
        [&LIFE[..5], &late].concat().concat(),
    );
}

/// Files of [kind and depth, parts, parts, content], then operations of [which, inode, name].
fn tree_ops() {
    let operations = [0, 1, 3, 0, 2, 0, 1, 4, 0, 2, 5, 0, 3, 1, 0, 255, 2, 0];
    let seeds: [(&str, &[[u8; 4]]); 4] = [
        ("no-files", &[]),
        ("one-version-shown-twice-to", &[[0, 0, 0, 5], [0, 1, 0, 5]]),
        (
            "nested-with-configs",
            &[
                [4, 0o10, 0, 1],
                [4, 0o20, 0, 2],
                [1, 4, 0, 3],
                [7, 0o14, 0, 4],
            ],
        ),
        ("meeting", &[[0, 0, 0, 1], [10, 0o32, 0, 2], [0, 0, 0, 3]]),
    ];
    for (name, files) in seeds {
        let count = u8::try_from(files.len()).unwrap();
        write(
            "tree_ops",
            name,
            [&[count], files.concat().as_slice(), &operations].concat(),
        );
    }
}

/// One of each message that has fields of its own kind; mutations of the first byte make the others of them.
fn api_requests() {
    let text = |text: &str| text.to_owned();
    let request_id = text("00112233445566778899aabbccddeeff");
    let labels = [(text("env"), text("live")), (text("owner"), text(""))];
    request(
        "CreateSecretRequest",
        v1::CreateSecretRequest {
            name: text("db"),
            labels: labels.clone().into(),
            payload: b"payload".to_vec(),
            request_id: request_id.clone(),
            if_version: Some(0),
            ..Default::default()
        },
    );
    request(
        "PutConfigRequest",
        v1::PutConfigRequest {
            namespace: text("blue"),
            name: text("app.json"),
            payload: b"{}".to_vec(),
            force_new: true,
            labels: Some(v1::LabelSet {
                labels: labels.clone().into(),
            }),
            ..Default::default()
        },
    );
    request(
        "ListSecretsRequest",
        v1::ListSecretsRequest {
            filter: Some(v1::Filter {
                name_prefixes: vec![text("d")],
                labels: labels.clone().into(),
            }),
            page_size: 10,
            page_token: text("db"),
            ..Default::default()
        },
    );
    request(
        "UpdateConfigLabelsRequest",
        v1::UpdateConfigLabelsRequest {
            name: text("app.json"),
            add: labels.clone().into(),
            remove: vec![text("team")],
            ..Default::default()
        },
    );
    request(
        "DestroySecretVersionRequest",
        v1::DestroySecretVersionRequest {
            name: text("db"),
            version: 2,
            request_id: request_id.clone(),
            ..Default::default()
        },
    );
    request(
        "ReadConfigRequest",
        v1::ReadConfigRequest {
            name: text("app.json"),
            version: 1,
            ..Default::default()
        },
    );
    let reference = |source: &str, target: &str| v1::Reference {
        source: text(source),
        version: 3,
        target: text(target),
        uid: 1000,
        gid: 1000,
        mode: Some(0o400),
    };
    request(
        "CreateServiceRequest",
        v1::CreateServiceRequest {
            name: text("web"),
            labels: labels.into(),
            secrets: vec![reference("db", ""), reference("db", "/etc/db")],
            configs: vec![reference("app.json", "etc/app.json")],
            request_id,
            ..Default::default()
        },
    );
    request(
        "ListTasksRequest",
        v1::ListTasksRequest {
            service: text("web"),
            page_size: 1,
            ..Default::default()
        },
    );
    agent_requests();
}

fn agent_requests() {
    use strongroom_api::dispatch::{AttachTaskRequest, SessionRequest};

    request(
        "SessionRequest",
        SessionRequest {
            node: "node-1.example".to_owned(),
            session_public_key: vec![9; 32],
            containers: vec!["c1".to_owned(), "c2".to_owned()],
        },
    );
    request(
        "AttachTaskRequest",
        AttachTaskRequest {
            node: "node-1.example".to_owned(),
            container: "c1".to_owned(),
            service_id: ServiceId::from_bytes([1; 16]).to_string(),
            revision: 1,
        },
    );
}

fn request(name: &str, message: impl Message) {
    let number = REQUESTS
        .iter()
        .position(|request| request.name == name)
        .unwrap();
    let mut seed = vec![u8::try_from(number).unwrap()];
    message.encode(&mut seed).unwrap();
    (REQUESTS[number].convert)(&seed[1..]);
    write("api_requests", name, seed);
}
