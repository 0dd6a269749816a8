//! Ids by name: what makes looking up one of 10,000 cost the same as one of 100.

use core::ops::Bound;
use std::collections::{BTreeMap, BTreeSet};
use strongroom_model::{FoldedName, Name, ObjectId, ServiceId};

/// An id that is shown, and abbreviated, in base 36.
pub(crate) trait NamedId: Copy + Ord {
    /// The id with that full text.
    fn from_text(text: &str) -> Option<Self>;

    /// The largest id.
    const LAST: Self;
}

impl NamedId for ObjectId {
    const LAST: Self = Self::from_bytes([0xff; 16]);

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl NamedId for ServiceId {
    const LAST: Self = Self::from_bytes([0xff; 16]);

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// The ids of all named things of one sort; `S` is the space in which a name is unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameIndex<S, I> {
    by_name: BTreeMap<(S, String), I>,
    ids: BTreeSet<(S, I)>,
}

impl<S: Clone + Ord, I: NamedId> NameIndex<S, I> {
    pub(crate) fn insert(&mut self, space: &S, name: &FoldedName, id: I) {
        self.by_name
            .insert((space.clone(), name.as_str().to_owned()), id);
        self.ids.insert((space.clone(), id));
    }

    pub(crate) fn remove(&mut self, space: &S, name: &FoldedName) {
        if let Some(id) = self
            .by_name
            .remove(&(space.clone(), name.as_str().to_owned()))
        {
            self.ids.remove(&(space.clone(), id));
        }
    }

    /// The id of what has that name.
    pub(crate) fn named(&self, space: &S, name: &FoldedName) -> Option<I> {
        self.by_name
            .get(&(space.clone(), name.as_str().to_owned()))
            .copied()
    }

    /// The id that `text` is in full, if something in the space has it.
    pub(crate) fn identified(&self, space: &S, text: &Name) -> Option<I> {
        I::from_text(text.as_str()).filter(|id| self.ids.contains(&(space.clone(), *id)))
    }

    /// The ids in the space that begin with `text`.
    pub(crate) fn abbreviated(
        &self,
        space: &S,
        text: &Name,
    ) -> impl Iterator<Item = I> + use<'_, S, I> {
        // Base 36 of fixed width sorts as the bytes do, so a prefix is one range of ids.
        let first = I::from_text(&format!("{:0<25}", text.as_str()));
        let last = I::from_text(&format!("{:z<25}", text.as_str())).unwrap_or(I::LAST);
        first
            .map(|first| {
                self.ids
                    .range((space.clone(), first)..=(space.clone(), last))
            })
            .into_iter()
            .flatten()
            .map(|(_, id)| *id)
    }

    /// The ids of the names in the space that begin with `prefix` and come after `after`, in the names' order.
    pub(crate) fn listed(
        &self,
        space: S,
        prefix: String,
        after: Option<&str>,
    ) -> impl Iterator<Item = I> + use<'_, S, I> {
        let from = match after {
            Some(after) if after >= prefix.as_str() => {
                Bound::Excluded((space.clone(), after.to_owned()))
            }
            _ => Bound::Included((space.clone(), prefix.clone())),
        };
        self.by_name
            .range((from, Bound::Unbounded))
            .take_while(move |((other, name), _)| *other == space && name.starts_with(&prefix))
            .map(|(_, id)| *id)
    }
}

impl<S, I> Default for NameIndex<S, I> {
    fn default() -> Self {
        Self {
            by_name: BTreeMap::new(),
            ids: BTreeSet::new(),
        }
    }
}
