//! Lists: filtered as Swarm filters, cut into pages, gone on with by name.

use crate::names::{NameIndex, NamedId};
use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use strongroom_model::{FoldedName, Labels, Name, limits};

/// What a list is restricted to; the default admits everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Beginnings of names, in whatever case; one of them has to fit. None: every name fits.
    pub name_prefixes: Vec<String>,
    /// Labels that all have to be there; with an empty value, the key alone.
    pub labels: Labels,
}

/// Part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a, T> {
    /// In the order of the folded names.
    pub items: Vec<&'a T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<PageToken>,
}

/// A place in a list: after this name. It stays good whatever is created or removed meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken(FoldedName);

/// The text is no page token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the page token is not one that a list returned: begin without one")]
pub struct PageTokenError;

impl PageToken {
    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// [`PageTokenError`] for every other text.
    pub fn parse(text: &str) -> Result<Self, PageTokenError> {
        let decoded = unhex(text).ok_or(PageTokenError)?;
        let name = Name::parse(&decoded).map_err(|_| PageTokenError)?;
        let token = Self(name.folded());
        if token.to_string() != text {
            return Err(PageTokenError);
        }
        Ok(token)
    }
}

impl fmt::Display for PageToken {
    /// Hex, so that nobody takes it for a name and makes one up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0.as_str().bytes();
        bytes.try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Filter {
    /// Whether all labels that are asked for are there.
    pub(super) fn admits(&self, labels: &Labels) -> bool {
        let there: BTreeMap<&str, &str> = labels.iter().collect();
        self.labels.iter().all(|(key, wanted)| {
            let found = there.get(key);
            found.is_some_and(|value| wanted.is_empty() || *value == wanted)
        })
    }

    /// The prefixes in order and folded, without those that another covers: what they select does not overlap.
    fn prefixes(&self) -> Vec<String> {
        if self.name_prefixes.is_empty() {
            return vec![String::new()];
        }
        let folded = self
            .name_prefixes
            .iter()
            .map(|prefix| prefix.to_ascii_lowercase());
        let mut prefixes: Vec<String> = Vec::new();
        for prefix in folded.collect::<BTreeSet<_>>() {
            if !prefixes
                .last()
                .is_some_and(|last| prefix.starts_with(last.as_str()))
            {
                prefixes.push(prefix);
            }
        }
        prefixes
    }
}

impl<'a, T> Page<'a, T> {
    /// The first `limit` items, and where to go on if there are more.
    pub(super) fn cut(
        items: impl Iterator<Item = &'a T>,
        limit: usize,
        name: impl FnOnce(&T) -> &Name,
    ) -> Self {
        let limit = limit.clamp(1, limits::PAGE);
        let mut items: Vec<&T> = items.take(limit + 1).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|last| PageToken(name(last).folded()));
        Self { items, next }
    }
}

/// The ids of the names that the filter selects after `after`, in the names' order.
pub(super) fn ids<'a, S: Clone + Ord, I: NamedId>(
    index: &'a NameIndex<S, I>,
    space: S,
    filter: &Filter,
    after: Option<&PageToken>,
) -> impl Iterator<Item = I> + use<'a, S, I> {
    let after = after.map(|token| token.0.as_str().to_owned());
    let prefixes = filter.prefixes().into_iter();
    prefixes.flat_map(move |prefix| index.listed(space.clone(), prefix, after.as_deref()))
}

/// The text that lower- or upper-case hex stands for.
fn unhex(text: &str) -> Option<String> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits = text.as_bytes().chunks_exact(2);
    let bytes = digits.map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}
