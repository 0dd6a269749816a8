//! Whatever a client sends becomes a request of the model or a refusal of one line with a reason.
//!
//! The first byte says which message, the rest is the message.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_fuzz::{Choices, REQUESTS};

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices(data);
    let request = choices.of(&REQUESTS);
    (request.convert)(choices.0);
});
