#!/usr/bin/env python3
"""Decrypts records of the strongroom store, given their keys.

Written from docs/FORMATS.md alone and sharing no code with the Rust crates, it shows that the format is described
completely: whoever has a key and this file gets the bytes back, without strongroom. It needs Python 3.8 and nothing else.
AES and GCM are written for clarity; they are slow, and their time depends on the key.

Standard input: a JSON array of cases, each an object with
  key             hex, 32 bytes
  epoch           number, 0 where the key has none
  context         object: cluster (hex, 16 bytes), field (two numbers), namespace (text or null), object (hex, 16 bytes),
                  version (number)
  content_length  number; may be left out where the record is not padded
  record          hex
Standard output: one line per case, the content in hex. A record that does not open ends the program with status 1.
"""

import hashlib
import hmac
import json
import struct
import sys

MAGIC = b"SRV1"
ALGORITHM = 1
SALT, COMMITMENT, TAG = 32, 32, 16


class Refused(Exception):
    """The record does not open."""


# --- AES-256, FIPS 197 ------------------------------------------------------------------------------------------


def xtime(a):
    return ((a << 1) ^ 0x1B) & 0xFF if a & 0x80 else a << 1


def make_sbox():
    """Section 5.1.1: the inverse in GF(2^8), then an affine map."""
    power, log, value = [0] * 255, [0] * 256, 1
    for exponent in range(255):
        power[exponent], log[value] = value, exponent
        value ^= xtime(value)  # times 3, a generator
    sbox = []
    for byte in range(256):
        inverse = power[-log[byte] % 255] if byte else 0
        spread = inverse
        for shift in range(1, 5):
            spread ^= ((inverse << shift) | (inverse >> (8 - shift))) & 0xFF
        sbox.append(spread ^ 0x63)
    return sbox


SBOX = make_sbox()


def round_keys(key):
    """Section 5.2, for 8 words of key and 14 rounds."""
    words = [key[i : i + 4] for i in range(0, 32, 4)]
    constant = 1
    for i in range(8, 60):
        word = words[i - 1]
        if i % 8 == 0:
            word = bytes(SBOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = xtime(constant)
        elif i % 8 == 4:
            word = bytes(SBOX[b] for b in word)
        words.append(bytes(a ^ b for a, b in zip(words[i - 8], word)))
    return [b"".join(words[i : i + 4]) for i in range(0, 60, 4)]


def aes_block(keys, block):
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number in range(1, 15):
        # Bytes lie column by column; row r moves r columns to the left.
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 14:
            mixed = []
            for column in range(0, 16, 4):
                a = state[column : column + 4]
                everything = a[0] ^ a[1] ^ a[2] ^ a[3]
                mixed += [a[i] ^ everything ^ xtime(a[i] ^ a[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[number])]
    return bytes(state)


# --- GCM, NIST SP 800-38D ---------------------------------------------------------------------------------------


def gf_multiply(x, y):
    product = 0
    for bit in range(127, -1, -1):
        if (x >> bit) & 1:
            product ^= y
        y = (y >> 1) ^ (0xE1 << 120 if y & 1 else 0)
    return product


def ghash(h, associated_data, ciphertext):
    padded = lambda data: data + bytes(-len(data) % 16)
    lengths = struct.pack(">QQ", len(associated_data) * 8, len(ciphertext) * 8)
    data = padded(associated_data) + padded(ciphertext) + lengths
    digest = 0
    for i in range(0, len(data), 16):
        digest = gf_multiply(digest ^ int.from_bytes(data[i : i + 16], "big"), h)
    return digest


def aes_256_gcm_open(key, nonce, associated_data, ciphertext, tag):
    keys = round_keys(key)
    h = int.from_bytes(aes_block(keys, bytes(16)), "big")
    block = lambda counter: aes_block(keys, nonce + struct.pack(">I", counter))
    mask = int.from_bytes(block(1), "big")
    expected = (ghash(h, associated_data, ciphertext) ^ mask).to_bytes(16, "big")
    if not hmac.compare_digest(expected, tag):
        raise Refused("the tag is not the ciphertext's")
    stream = b"".join(block(2 + i) for i in range((len(ciphertext) + 15) // 16))
    return bytes(a ^ b for a, b in zip(ciphertext, stream))


# --- HKDF-SHA256, RFC 5869 --------------------------------------------------------------------------------------


def hkdf_sha256(salt, key, info, length):
    extracted = hmac.new(salt, key, hashlib.sha256).digest()
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.new(extracted, block + info + bytes([counter]), hashlib.sha256).digest()
        output, counter = output + block, counter + 1
    return output[:length]


# --- The record, docs/FORMATS.md --------------------------------------------------------------------------------


def associated_data(context, epoch, content_length):
    namespace = (context["namespace"] or "").encode()
    return b"".join(
        [
            MAGIC,
            bytes([ALGORITHM]),
            bytes(context["field"]),
            struct.pack(">I", epoch),
            bytes.fromhex(context["cluster"]),
            bytes.fromhex(context["object"]),
            struct.pack(">Q", context["version"]),
            struct.pack(">Q", content_length),
            bytes([len(namespace)]),
            namespace,
        ]
    )


def decrypt_record(key, epoch, context, record, content_length=None):
    header = 4 + 4 + SALT + COMMITMENT
    if len(record) < header + TAG or record[:4] != MAGIC:
        raise Refused("this is no record")
    if struct.unpack(">I", record[4:8])[0] != epoch:
        raise Refused("the record is of another epoch")
    salt, commitment = record[8:40], record[40:72]
    ciphertext, tag = record[header:-TAG], record[-TAG:]
    if content_length is None:
        content_length = len(ciphertext)

    bound = associated_data(context, epoch, content_length)
    derived = hkdf_sha256(salt, key, bound, 64)
    if not hmac.compare_digest(derived[32:], commitment):
        raise Refused("another key, or another context")
    padded = aes_256_gcm_open(derived[:32], bytes(12), bound, ciphertext, tag)
    content, padding = padded[:content_length], padded[content_length:]
    if any(padding):
        raise Refused("the padding is not zero")
    return content


def main():
    for case in json.load(sys.stdin):
        content = decrypt_record(
            bytes.fromhex(case["key"]),
            case["epoch"],
            case["context"],
            bytes.fromhex(case["record"]),
            case.get("content_length"),
        )
        print(content.hex())


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"decrypt_record: {refused}")
