//! Keys, records, the keyring and the seal: bytes in, bytes out, randomness passed in.
