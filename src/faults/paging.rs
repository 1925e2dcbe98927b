//! A listing that seems to change between two pages.

use std::num::NonZeroU32;

use serde::Deserialize;

use crate::resources::Page;

/// A listing that seems to change after one of its pages; the store does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Paging {
    /// What seems to happen.
    pub change: PagingChange,
    /// After which page; the fault strikes the pages behind it.
    #[serde(default = "first_page")]
    pub after_page: NonZeroU32,
}

/// The number of the first page.
pub(super) const FIRST_PAGE: NonZeroU32 = NonZeroU32::MIN;

fn first_page() -> NonZeroU32 {
    FIRST_PAGE
}

/// What seems to happen between two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PagingChange {
    /// An image was inserted before those seen: the next page repeats the last image seen.
    InsertBefore,
    /// An image that was seen was deleted: the next page leaves one image out.
    DeleteSeen,
    /// The total grows by one, and nothing else.
    TotalDrift,
    /// A page that is not the last has one image too few.
    ShortPage,
}

impl PagingChange {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InsertBefore => "insert-before",
            Self::DeleteSeen => "delete-seen",
            Self::TotalDrift => "total-drift",
            Self::ShortPage => "short-page",
        }
    }
}

/// Which images a changed page has, and by how much its total is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagingShift {
    /// Images of the unchanged listing before the page.
    pub offset: u64,
    /// Images on the page at most.
    pub n_images_max: u32,
    /// Added to the total.
    pub total: i64,
}

impl Paging {
    /// How a page looks after the change: as if it had happened once, before this page was read.
    pub fn shift(self, page: Page) -> PagingShift {
        let mut shift = PagingShift {
            offset: page.offset(),
            n_images_max: page.size.n_images(),
            total: 0,
        };
        match self.change {
            PagingChange::InsertBefore => {
                shift.offset = shift.offset.saturating_sub(1);
                shift.total = 1;
            }
            PagingChange::DeleteSeen => {
                shift.offset += 1;
                shift.total = -1;
            }
            PagingChange::TotalDrift => shift.total = 1,
            PagingChange::ShortPage => shift.n_images_max -= 1,
        }
        shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{PageNumber, PageSize};

    #[test]
    fn each_change_moves_what_it_should() {
        let page = Page {
            number: PageNumber::parse("2").unwrap(),
            size: PageSize::parse("10").unwrap(),
        };
        let shift = |change| {
            let paging = Paging {
                change,
                after_page: FIRST_PAGE,
            };
            let shift = paging.shift(page);
            (shift.offset, shift.n_images_max, shift.total)
        };
        assert_eq!(shift(PagingChange::InsertBefore), (9, 10, 1));
        assert_eq!(shift(PagingChange::DeleteSeen), (11, 10, -1));
        assert_eq!(shift(PagingChange::TotalDrift), (10, 10, 1));
        assert_eq!(shift(PagingChange::ShortPage), (10, 9, 0));
    }
}
