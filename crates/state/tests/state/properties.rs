//! What no sequence of commands can break. [`Durable`] checks most of it with each command.

use crate::durable::Durable;
use crate::step::{Step, step, steps};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use strongroom_model::{RequestId, Timestamp};
use strongroom_state::{Command, State};

/// A command as a client may send it: perhaps a retry, under a clock that may go back.
fn arrivals() -> impl Strategy<Value = Vec<(Option<u128>, u64, Step)>> {
    let time = prop_oneof![0..10_000_u64, 0..3_000_000_u64];
    vec((option::weighted(0.5, 0..20_u128), time, step()), 1..60)
}

proptest! {
    #[test]
    fn the_same_commands_make_the_same_state_and_a_restart_makes_it_again(arrivals in arrivals()) {
        let mut store = Durable::default();
        let mut replica = State::default();
        for (request, time, step) in arrivals {
            store.now = time;
            let change = step.change(&mut store);
            let command = Command {
                request: request.map(|id| RequestId::from_bytes(id.to_be_bytes())),
                time: Timestamp::from_millis(time),
                change: change.clone(),
            };
            let before = store.state.time();
            let outcome = match request {
                Some(id) => store.request(id, change),
                None => store.apply(change),
            };
            let applied = replica.apply(store.index, &command);
            prop_assert_eq!(applied.outcome, outcome);
            prop_assert_eq!(&replica, &store.state);
            prop_assert_eq!(&store.restarted(), &store.state);
            prop_assert!(store.state.time() >= before);
        }
    }

    #[test]
    fn stored_bytes_are_those_of_the_payloads(steps in steps(60)) {
        let mut store = Durable::default();
        for step in steps {
            let change = step.change(&mut store);
            drop(store.apply(change));
            prop_assert_eq!(store.state.stored(), 100 * store.payloads.len() as u64);
        }
    }

    #[test]
    fn a_version_that_a_service_refers_to_can_be_read(steps in steps(80)) {
        let mut store = Durable::default();
        for step in steps {
            let change = step.change(&mut store);
            drop(store.apply(change));
            let page = store.state.services(&Default::default(), &Default::default(), None, 100);
            for reference in page.items.iter().flat_map(|service| service.files.references()) {
                prop_assert!(store.payloads.contains(&(reference.object, reference.version)));
            }
        }
    }
}
