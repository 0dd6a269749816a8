//! Any sequence of commands: replicas agree, a refusal changes nothing, and what was written is the state.
//!
//! Eight bytes are a command.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::{BTreeMap, BTreeSet};
use strongroom_codec::{decode_command, decode_record, encode_command, encode_record};
use strongroom_fuzz::{assert_one_line, step};
use strongroom_model::{ObjectId, Version, VersionState};
use strongroom_state::{Applied, Event, Record, RecordKey, State, Write};

/// More commands tell nothing that fewer do not.
const STEPS: usize = 256;

fuzz_target!(|data: &[u8]| {
    let (mut first, mut second) = (State::default(), State::default());
    let mut store = Store::default();
    let (steps, _) = data.as_chunks::<{ step::STEP }>();
    for (index, bytes) in (1..).zip(&steps[..steps.len().min(STEPS)]) {
        let command = step::command(*bytes, &first);
        assert_eq!(
            decode_command(&encode_command(&command)).as_ref(),
            Ok(&command)
        );
        let applied = first.apply(index, &command);
        if applied.writes.is_empty() {
            assert!(
                applied.events.is_empty(),
                "events of a change that is not written"
            );
            assert_eq!(first, second, "changed without a write: {command:?}");
        }
        if let Err(rejection) = &applied.outcome {
            assert_one_line(rejection);
            assert!(applied.writes.is_empty(), "{rejection}, and written");
        }
        assert_eq!(second.apply(index, &command), applied, "replicas disagree");
        store.write(&applied);
    }
    assert_eq!(first, second);
    store.check(&first);
});

/// What is on the disk.
#[derive(Default)]
struct Store {
    records: BTreeMap<RecordKey, Vec<u8>>,
    payloads: BTreeSet<(ObjectId, Version)>,
}

impl Store {
    fn write(&mut self, applied: &Applied) {
        for write in &applied.writes {
            match write {
                Write::Put(record) => {
                    self.records.insert(record.key(), encode_record(record));
                }
                Write::Delete(key) => {
                    assert!(self.records.remove(key).is_some(), "{key} was never there");
                }
                Write::PutPayload(object, version) => {
                    assert!(self.payloads.insert((*object, *version)), "written over");
                }
                Write::DeletePayload(object, version) => {
                    assert!(
                        self.payloads.remove(&(*object, *version)),
                        "was never there"
                    );
                    let told = applied
                        .events
                        .contains(&Event::VersionEnded(*object, *version));
                    assert!(told, "agents keep serving {object}@{version}");
                }
            }
        }
    }

    /// The records are the state, and the payloads are those of the versions that can be read.
    fn check(&self, live: &State) {
        let decode = |bytes: &Vec<u8>| decode_record(bytes).expect("just encoded");
        let records: Vec<Record> = self.records.values().map(decode).collect();
        assert!(
            live.records().eq(records.iter().cloned()),
            "records are not those of the state"
        );
        let readable = records.iter().filter_map(|record| match record {
            Record::Version(version) => {
                (version.state == VersionState::Enabled).then_some((version.object, version.number))
            }
            _ => None,
        });
        assert!(
            readable.eq(self.payloads.iter().copied()),
            "payloads are not those of the versions"
        );
        assert_eq!(State::restore(records).as_ref(), Ok(live));
    }
}
