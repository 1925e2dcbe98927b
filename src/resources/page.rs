//! Paging: which slice of the listing a request asks for.

use crate::base::limits::{PAGE_NUMBER_DEFAULT, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PAGE_SIZE_MIN};

/// Images per page, 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u32);

impl PageSize {
    /// Reads a page size: ASCII digits only, no sign, no blank.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, String> {
        const MIN: u32 = PAGE_SIZE_MIN;
        const MAX: u32 = PAGE_SIZE_MAX;
        match parse_digits(text) {
            Some(value @ MIN..=MAX) => Ok(Self(value)),
            Some(value) => Err(format!("`PageSize` must be in {MIN}..={MAX}, got {value}")),
            None => Err(format!(
                "`PageSize` must be an integer in ASCII digits, got `{text}`"
            )),
        }
    }

    /// The number of images, 1 to 100.
    pub fn n_images(self) -> u32 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(PAGE_SIZE_DEFAULT)
    }
}

/// The page that is asked for, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageNumber(u32);

impl PageNumber {
    /// Reads a page number: ASCII digits only, no sign, no blank.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, String> {
        const MAX: u32 = u32::MAX;
        let value = parse_digits(text).filter(|value| *value > 0);
        value.map(Self).ok_or_else(|| {
            format!("`PageNumber` must be an integer in 1..={MAX} in ASCII digits, got `{text}`")
        })
    }

    /// The number itself, from 1.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl Default for PageNumber {
    fn default() -> Self {
        Self(PAGE_NUMBER_DEFAULT)
    }
}

/// One page of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Page {
    /// Which page.
    pub number: PageNumber,
    /// How many images a page has.
    pub size: PageSize,
}

impl Page {
    /// Images of the listing that come before this page.
    pub fn offset(self) -> u64 {
        u64::from(self.number.0 - 1) * u64::from(self.size.0)
    }
}

fn parse_digits(text: &str) -> Option<u32> {
    // `u32::from_str` takes a leading `+`; the contract takes digits only.
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1", 1)]
    #[case("100", 100)]
    #[case("010", 10)]
    fn page_size_inside_the_range_is_read(#[case] text: &str, #[case] n_images: u32) {
        assert_eq!(PageSize::parse(text).unwrap().n_images(), n_images);
    }

    #[rstest]
    #[case("0")]
    #[case("101")]
    #[case("")]
    #[case("+5")]
    #[case("-1")]
    #[case(" 5")]
    #[case("5.0")]
    #[case("٣")]
    #[case("99999999999")]
    fn page_size_outside_the_range_is_refused(#[case] text: &str) {
        assert!(PageSize::parse(text).is_err());
    }

    #[rstest]
    #[case("1", Some(1))]
    #[case("4294967295", Some(4_294_967_295))]
    #[case("0", None)]
    #[case("4294967296", None)]
    #[case("+1", None)]
    fn page_number_range_has_two_ends(#[case] text: &str, #[case] number: Option<u32>) {
        assert_eq!(PageNumber::parse(text).ok().map(PageNumber::number), number);
    }

    #[test]
    fn the_last_page_has_an_offset_beyond_32_bits() {
        let page = Page {
            number: PageNumber::parse("4294967295").unwrap(),
            size: PageSize::parse("100").unwrap(),
        };
        assert_eq!(page.offset(), 429_496_729_400);
    }
}
