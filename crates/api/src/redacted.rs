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
