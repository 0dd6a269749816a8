//! `source=NAME[@V],target=T,uid=U,gid=G,mode=M`: what is accepted stays in its container, keeps within the limits, and
//! is the same when it is written out in full.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_fuzz::{assert_one_line, assert_stays_inside};
use strongroom_model::{Kind, Name, RequestedReference, Target, VersionRequest};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let reference = match RequestedReference::parse(text) {
        Ok(reference) => reference,
        Err(refusal) => return assert_one_line(&refusal),
    };
    assert_stays_inside(&reference.target.path(Kind::Config));
    let below_secrets = reference.target.path(Kind::Secret);
    assert_stays_inside(&below_secrets);
    let absolute = reference.target.to_string().starts_with('/');
    assert!(absolute || below_secrets.starts_with(&Target::SECRETS));
    assert!(Name::parse(reference.source.as_str()).is_ok());
    assert!(reference.uid.get() < u32::MAX && reference.gid.get() < u32::MAX);
    assert!(reference.mode.bits() <= 0o777);
    assert_eq!(
        RequestedReference::parse(&in_full(&reference)),
        Ok(reference)
    );
});

fn in_full(reference: &RequestedReference) -> String {
    let version = match reference.version {
        VersionRequest::Latest => "latest".to_owned(),
        VersionRequest::Number(number) => number.to_string(),
    };
    format!(
        "source={}@{version},target={},uid={},gid={},mode={:04o}",
        reference.source,
        reference.target,
        reference.uid.get(),
        reference.gid.get(),
        reference.mode.bits(),
    )
}
