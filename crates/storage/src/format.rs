//! What is written, as bytes: entries, vote, membership, and where the log and the state stand.
//!
//! Big-endian integers of fixed width behind one byte of format version. `docs/FORMATS.md` has the tables; openraft's
//! own types are never written, since they change with its versions.

use std::collections::{BTreeMap, BTreeSet};
use strongroom_model::MemberId;

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u8 = 1;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPosition {
    /// The term of the leader that proposed it.
    pub term: u64,
    /// From 0 on, without gaps.
    pub index: u64,
}

/// Whom the member votes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// In which term.
    pub term: u64,
    /// For whom.
    pub member: MemberId,
    /// Whether a quorum has granted it.
    pub committed: bool,
}

/// Who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// The voters; two sets during a change.
    pub voters: Vec<BTreeSet<MemberId>>,
    /// All members, and the address that others reach them by; empty for a cluster of one.
    pub members: BTreeMap<MemberId, String>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it stands.
    pub position: LogPosition,
    /// What it says.
    pub payload: LogPayload,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogPayload {
    /// Nothing: a new leader commits its term with it.
    Blank,
    /// An encoded command.
    Command(std::sync::Arc<[u8]>),
    /// New members.
    Membership(Membership),
}

/// A position and the hash of all entries up to it: what the next entry continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// `None` before the first entry.
    pub(crate) position: Option<LogPosition>,
    /// All zeros before the first entry.
    pub(crate) chain: [u8; 32],
}

/// Where the state stands; the plaintext of the state's meta record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateMeta {
    /// The last entry that was applied.
    pub(crate) applied: Option<LogPosition>,
    /// The entry that the membership comes from.
    pub(crate) membership_at: Option<LogPosition>,
    /// Who takes part.
    pub(crate) membership: Membership,
    /// The sum over all records.
    pub(crate) root: [u8; 32],
}

/// Bytes that are not what they should be. The caller knows the record's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Anchor {
    /// Before the first entry.
    pub(crate) const START: Self = Self {
        position: None,
        chain: [0; 32],
    };

    /// The index that an entry after this one has.
    pub(crate) fn next_index(&self) -> u64 {
        self.position.map_or(0, |position| position.index + 1)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        put_position(&mut out, self.position);
        out.extend(self.chain);
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Input::new(bytes)?;
        let anchor = Self {
            position: input.position()?,
            chain: input.array()?,
        };
        input.end(anchor)
    }
}

impl Vote {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.term.to_be_bytes());
        out.extend(self.member.0.to_be_bytes());
        out.push(u8::from(self.committed));
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Input::new(bytes)?;
        let vote = Self {
            term: input.u64()?,
            member: MemberId(input.u64()?),
            committed: input.flag()?,
        };
        input.end(vote)
    }
}

impl LogEntry {
    /// About what it takes in memory, in bytes.
    pub(crate) fn size(&self) -> usize {
        const OVERHEAD: usize = 128;
        match &self.payload {
            LogPayload::Command(bytes) => bytes.len() + OVERHEAD,
            LogPayload::Blank | LogPayload::Membership(_) => OVERHEAD,
        }
    }

    /// The entry after `chain`, the hash of all before it.
    pub(crate) fn encode(&self, chain: &[u8; 32]) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(chain);
        out.extend(self.position.term.to_be_bytes());
        out.extend(self.position.index.to_be_bytes());
        match &self.payload {
            LogPayload::Blank => out.push(0),
            LogPayload::Command(bytes) => {
                out.push(1);
                out.extend(&**bytes);
            }
            LogPayload::Membership(membership) => {
                out.push(2);
                membership.put(&mut out);
            }
        }
        out
    }

    /// The hash of all entries before, and the entry.
    pub(crate) fn decode(bytes: &[u8]) -> Result<([u8; 32], Self), Malformed> {
        let mut input = Input::new(bytes)?;
        let chain = input.array()?;
        let position = LogPosition {
            term: input.u64()?,
            index: input.u64()?,
        };
        let payload = match input.array::<1>()? {
            [0] => LogPayload::Blank,
            [1] => LogPayload::Command(std::mem::take(&mut input.0).into()),
            [2] => LogPayload::Membership(Membership::take(&mut input)?),
            _ => return Err(Malformed),
        };
        input.end((chain, Self { position, payload }))
    }
}

impl Membership {
    fn put(&self, out: &mut Vec<u8>) {
        put_count(out, self.voters.len());
        for voters in &self.voters {
            put_count(out, voters.len());
            out.extend(voters.iter().flat_map(|member| member.0.to_be_bytes()));
        }
        put_count(out, self.members.len());
        for (member, address) in &self.members {
            out.extend(member.0.to_be_bytes());
            put_count(out, address.len());
            out.extend(address.as_bytes());
        }
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let mut membership = Self::default();
        for _ in 0..input.count()? {
            let voters = (0..input.count()?).map(|_| input.u64().map(MemberId));
            membership.voters.push(voters.collect::<Result<_, _>>()?);
        }
        for _ in 0..input.count()? {
            let member = MemberId(input.u64()?);
            let length = input.count()?;
            let address = std::str::from_utf8(input.bytes(length)?).map_err(|_| Malformed)?;
            membership.members.insert(member, address.to_owned());
        }
        Ok(membership)
    }
}

impl StateMeta {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        put_position(&mut out, self.applied);
        put_position(&mut out, self.membership_at);
        self.membership.put(&mut out);
        out.extend(self.root);
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Input::new(bytes)?;
        let meta = Self {
            applied: input.position()?,
            membership_at: input.position()?,
            membership: Membership::take(&mut input)?,
            root: input.array()?,
        };
        input.end(meta)
    }
}

fn put_position(out: &mut Vec<u8>, position: Option<LogPosition>) {
    out.push(u8::from(position.is_some()));
    let LogPosition { term, index } = position.unwrap_or(LogPosition { term: 0, index: 0 });
    out.extend(term.to_be_bytes());
    out.extend(index.to_be_bytes());
}

/// Members and addresses; far fewer and shorter than 65,535.
fn put_count(out: &mut Vec<u8>, count: usize) {
    let count = u16::try_from(count).expect("members and their addresses are few and short");
    out.extend(count.to_be_bytes());
}

/// What is left to decode.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        match bytes {
            [VERSION, rest @ ..] => Ok(Self(rest)),
            _ => Err(Malformed),
        }
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes(N)?.try_into().map_err(|_| Malformed)
    }

    fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    fn count(&mut self) -> Result<usize, Malformed> {
        self.array()
            .map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    fn flag(&mut self) -> Result<bool, Malformed> {
        match self.array::<1>()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Malformed),
        }
    }

    fn position(&mut self) -> Result<Option<LogPosition>, Malformed> {
        let present = self.flag()?;
        let position = LogPosition {
            term: self.u64()?,
            index: self.u64()?,
        };
        Ok(present.then_some(position))
    }

    fn end<T>(self, value: T) -> Result<T, Malformed> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership() -> Membership {
        Membership {
            voters: vec![
                BTreeSet::from([MemberId(1), MemberId(2)]),
                BTreeSet::from([MemberId(2)]),
            ],
            members: BTreeMap::from([(MemberId(1), String::new()), (MemberId(2), "h:1".into())]),
        }
    }

    #[test]
    fn entries_decode_to_what_was_encoded() {
        let payloads = [
            LogPayload::Blank,
            LogPayload::Command(vec![1, 2, 3].into()),
            LogPayload::Membership(membership()),
        ];
        for payload in payloads {
            let position = LogPosition { term: 3, index: 9 };
            let entry = LogEntry { position, payload };
            let bytes = entry.encode(&[7; 32]);
            assert_eq!(LogEntry::decode(&bytes), Ok(([7; 32], entry)));
        }
    }

    #[test]
    fn every_truncation_is_malformed() {
        let meta = StateMeta {
            applied: Some(LogPosition { term: 1, index: 2 }),
            membership_at: None,
            membership: membership(),
            root: [9; 32],
        };
        let bytes = meta.encode();
        assert_eq!(StateMeta::decode(&bytes), Ok(meta));
        for length in 0..bytes.len() {
            assert_eq!(
                StateMeta::decode(&bytes[..length]),
                Err(Malformed),
                "{length}"
            );
        }
        assert_eq!(
            StateMeta::decode(&[&bytes[..], &[0]].concat()),
            Err(Malformed)
        );
    }

    #[test]
    fn another_format_version_is_malformed() {
        let vote = Vote {
            term: 1,
            member: MemberId(2),
            committed: true,
        };
        let mut bytes = vote.encode();
        assert_eq!(Vote::decode(&bytes), Ok(vote));
        bytes[0] = 2;
        assert_eq!(Vote::decode(&bytes), Err(Malformed));
    }
}
