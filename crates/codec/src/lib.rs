//! The internal encodings of storage.v1: commands, state records, the key file.
