//! A listing that seems to change between two pages.

use crate::faults::effect::{Paging, PagingChange};
use crate::resources::Page;

/// Which images a changed page has, and what its total is off by.
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
        let (offset, n_images_max) = (page.offset(), page.size.n_images());
        let same = PagingShift {
            offset,
            n_images_max,
            total: 0,
        };
        match self.change {
            PagingChange::InsertBefore => PagingShift {
                offset: offset.saturating_sub(1),
                total: 1,
                ..same
            },
            PagingChange::DeleteSeen => PagingShift {
                offset: offset + 1,
                total: -1,
                ..same
            },
            PagingChange::TotalDrift => PagingShift { total: 1, ..same },
            PagingChange::ShortPage => PagingShift {
                n_images_max: n_images_max - 1,
                ..same
            },
        }
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
            let shift = Paging {
                change,
                after_page: 1,
            }
            .shift(page);
            (shift.offset, shift.n_images_max, shift.total)
        };
        assert_eq!(shift(PagingChange::InsertBefore), (9, 10, 1));
        assert_eq!(shift(PagingChange::DeleteSeen), (11, 10, -1));
        assert_eq!(shift(PagingChange::TotalDrift), (10, 10, 1));
        assert_eq!(shift(PagingChange::ShortPage), (10, 9, 0));
    }
}
