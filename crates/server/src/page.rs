//! Pages that fit a message, however long the labels are.

use strongroom_model::limits;
use strongroom_state::Page;

/// Bytes of items on one page; a single item is far smaller, and the message is below the limit with room to spare.
const BYTES: usize = limits::MESSAGE / 2;

/// The page that `list` gives for `limit` items, or for as many as fit. `weight` says about how many bytes an item takes.
pub(crate) fn fitting<'a, T>(
    list: impl Fn(usize) -> Page<'a, T>,
    limit: usize,
    weight: impl Fn(&T) -> usize,
) -> Page<'a, T> {
    let page = list(limit);
    let fitting = fitting_count(page.items.iter().map(|item| weight(item)));
    if fitting >= page.items.len() {
        return page;
    }
    list(fitting)
}

/// How many items of these weights go on one page: at least one.
pub(crate) fn fitting_count(weights: impl Iterator<Item = usize>) -> usize {
    let mut bytes = 0usize;
    let fits = |weight: &usize| {
        bytes = bytes.saturating_add(*weight);
        bytes <= BYTES
    };
    weights.take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_before_it_outgrows_a_message() {
        assert_eq!(fitting_count([BYTES / 2, BYTES / 2, 1].into_iter()), 2);
        assert_eq!(fitting_count([1, 1, 1].into_iter()), 3);
    }

    #[test]
    fn one_item_always_goes_out() {
        assert_eq!(fitting_count([BYTES + 1, 1].into_iter()), 1);
    }
}
