//! `/proc/PID/mountinfo`, as far as we ask it: which mount is where, on what device, and is it shared.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// A file system's device number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Device {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The kernel's number for it, as `statx` gives it.
    pub(crate) id: u64,
    /// Its file system.
    pub(crate) device: Device,
    /// Where it lies, as the reader sees it.
    pub(crate) place: PathBuf,
    /// Whether mounts below it appear elsewhere too.
    pub(crate) shared: bool,
}

/// Parses the file's bytes; a line of another form is no mount of ours or a container's.
pub(crate) fn parse(bytes: &[u8]) -> Vec<Mount> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter_map(line)
        .collect()
}

/// The mounts at `place` or below it.
pub(crate) fn within<'a>(
    mounts: &'a [Mount],
    place: &'a Path,
) -> impl Iterator<Item = &'a Mount> + use<'a> {
    mounts
        .iter()
        .filter(move |mount| mount.place.starts_with(place))
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw`.
fn line(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let id = text(fields.next()?)?.parse().ok()?;
    let (major, minor) = text(fields.nth(1)?)?.split_once(':')?;
    let place = unescape(fields.nth(1)?);
    let shared = fields
        .skip(1)
        .take_while(|field| *field != b"-")
        .any(|field| field.starts_with(b"shared:"));
    Some(Mount {
        id,
        device: Device {
            major: major.parse().ok()?,
            minor: minor.parse().ok()?,
        },
        place: PathBuf::from(OsString::from_vec(place)),
        shared,
    })
}

fn text(field: &[u8]) -> Option<&str> {
    str::from_utf8(field).ok()
}

/// Undoes the kernel's `\040` for space, tab, newline and backslash.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = rest
            .get(1..4)
            .filter(|_| *first == b'\\')
            .and_then(text)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(byte) = octal {
            bytes.push(byte);
            rest = rest.get(4..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"\
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
90 27 0:50 /x /a\\040b/run rw master:3 - tmpfs shared:none rw
junk
";

    #[test]
    fn mounts_are_read_with_their_places_and_sharing() {
        let mounts = parse(TABLE);
        assert_eq!(mounts.len(), 3);
        assert_eq!(
            mounts[1].device,
            Device {
                major: 254,
                minor: 0
            }
        );
        assert_eq!(mounts[2].place, Path::new("/a b/run"));
        let shared: Vec<bool> = mounts.iter().map(|mount| mount.shared).collect();
        assert_eq!(shared, [false, true, false]);
    }

    #[test]
    fn a_place_holds_what_is_at_it_and_below_but_not_beside() {
        let mounts = parse(TABLE);
        let count = |place: &str| within(&mounts, Path::new(place)).count();
        assert_eq!(count("/a b"), 1);
        assert_eq!(count("/a b/run"), 1);
        assert_eq!(count("/a b/r"), 0);
        assert_eq!(count("/dev/shm/x"), 0);
    }
}
