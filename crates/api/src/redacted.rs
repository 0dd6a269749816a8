//! `Debug` of the messages with bytes in clear: everything but the bytes, of which only the number is shown.

use crate::v1;
use core::fmt;

struct Redacted(usize);

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}

macro_rules! redacted {
    ($message:ident { $($field:ident),* }) => {
        impl fmt::Debug for v1::$message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self { $($field,)* payload } = self;
                f.debug_struct(stringify!($message))
                    $(.field(stringify!($field), $field))*
                    .field("payload", &Redacted(payload.len()))
                    .finish()
            }
        }
    };
}

redacted!(CreateSecretRequest {
    namespace,
    name,
    labels,
    request_id,
    if_version
});
redacted!(CreateConfigRequest {
    namespace,
    name,
    labels,
    request_id,
    if_version
});
redacted!(PutSecretRequest {
    namespace,
    name,
    labels,
    request_id,
    if_version,
    force_new
});
redacted!(PutConfigRequest {
    namespace,
    name,
    labels,
    request_id,
    if_version,
    force_new
});
redacted!(GetConfigResponse { config });
redacted!(ReadConfigResponse { version });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FILE_DESCRIPTOR_SET;
    use prost::Message as _;
    use std::collections::BTreeSet;

    const CANARY: &str = "canary-7f3a";

    /// Formats a message with the canary for its payload, in every way that `{:?}` could be reached.
    macro_rules! printed {
        ($($message:ident),*) => {
            [$((stringify!($message), {
                let message = v1::$message { payload: CANARY.into(), ..Default::default() };
                format!("{message:?} {message:#?} {:?}", tonic::Request::new(Some(message.clone())))
            })),*]
        };
    }

    #[test]
    fn no_message_with_a_payload_prints_it() {
        let printed = printed!(
            CreateSecretRequest,
            PutSecretRequest,
            CreateConfigRequest,
            PutConfigRequest,
            GetConfigResponse,
            ReadConfigResponse
        );
        let as_bytes = format!("{:?}", CANARY.as_bytes());
        for (message, text) in &printed {
            assert!(!text.contains(CANARY), "{message}");
            assert!(
                !text.contains(as_bytes.trim_matches(['[', ']'])),
                "{message}"
            );
            assert!(text.contains("11 bytes"), "{message}");
        }
        let tested = printed.iter().map(|(message, _)| (*message).to_owned());
        assert_eq!(tested.collect::<BTreeSet<_>>(), messages_with_bytes());
    }

    /// From the descriptors, so that a message that is added to `proto/` cannot be forgotten.
    fn messages_with_bytes() -> BTreeSet<String> {
        let files = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let ours = files
            .file
            .iter()
            .filter(|file| file.package() == "strongroom.api.v1");
        ours.flat_map(|file| &file.message_type)
            .filter(|message| {
                let mut fields = message.field.iter();
                fields
                    .any(|field| field.r#type() == prost_types::field_descriptor_proto::Type::Bytes)
            })
            .map(|message| message.name().to_owned())
            .collect()
    }
}
