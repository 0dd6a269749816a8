//! Protobuf written by hand, so that what no encoder writes can be written too.

/// A varint field.
pub(crate) fn number(field: u8, value: u64) -> Vec<u8> {
    [&[field << 3][..], &varint(value)].concat()
}

/// A field of bytes, text, or parts of a message.
pub(crate) fn bytes(field: u8, parts: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let content: Vec<u8> = parts
        .iter()
        .flat_map(|part| part.as_ref().to_vec())
        .collect();
    [
        &[field << 3 | 2][..],
        &varint(content.len() as u64),
        &content,
    ]
    .concat()
}

/// A field of text.
pub(crate) fn text(field: u8, text: &str) -> Vec<u8> {
    bytes(field, &[text])
}

/// A command or a record of format 1.
pub(crate) fn framed(parts: &[Vec<u8>]) -> Vec<u8> {
    [&[1][..], &parts.concat()].concat()
}

/// A key file of format 1 with the checksum that belongs to it.
pub(crate) fn key_file(parts: &[Vec<u8>]) -> Vec<u8> {
    summed(&[b"SRKF\x01", &parts.concat()[..]].concat())
}

/// With the checksum that belongs to it.
pub(crate) fn summed(content: &[u8]) -> Vec<u8> {
    [content, &strongroom_crypto::checksum(content)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}
