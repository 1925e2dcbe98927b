//! Limits of the vendor's API itself.

/// Longest accepted `ClientToken`, in characters; all of them ASCII.
///
/// Source: `ListCustomImages` reference, request parameter `ClientToken`.
///
/// Past it: 400 `InvalidClientToken`.
///
/// Test: `api::list_custom_images::limits::a_limit_has_two_sides`
pub(crate) const CLIENT_TOKEN_CHARS_MAX: usize = 64;

/// Most entries in `ImageIds` or `ImageNames`, counted as sent.
///
/// Source: `ListCustomImages` reference, request parameters `ImageIds` and `ImageNames`.
///
/// Past it: 400 `InvalidImageIds` or `InvalidImageNames`.
///
/// Test: `api::list_custom_images::limits::a_limit_has_two_sides`
pub(crate) const LIST_ENTRIES_MAX: usize = 100;

/// Smallest accepted `PageSize`, in images per page.
///
/// Source: our reading; the reference states no minimum.
///
/// Past it: 400 `InvalidPageSize`.
///
/// Test: `api::list_custom_images::limits::a_number_has_a_range`
pub(crate) const PAGE_SIZE_MIN: u32 = 1;

/// Largest accepted `PageSize`, in images per page.
///
/// Source: `ListCustomImages` reference, request parameter `PageSize`.
///
/// Past it: 400 `InvalidPageSize`.
///
/// Test: `api::list_custom_images::limits::a_number_has_a_range`
pub(crate) const PAGE_SIZE_MAX: u32 = 100;

/// `PageSize` when the request has none, in images per page.
///
/// Source: `ListCustomImages` reference, request parameter `PageSize`.
pub(crate) const PAGE_SIZE_DEFAULT: u32 = 10;

/// `PageNumber` when the request has none; the first page.
///
/// Source: `ListCustomImages` reference, request parameter `PageNumber`.
pub(crate) const PAGE_NUMBER_DEFAULT: u32 = 1;

/// Most tags of one image, and the largest `N` of `Tag.N.Key`.
///
/// Source: `ListCustomImages` reference, request parameter `Tag`.
///
/// Past it: 400 `InvalidTag`; a fixture is refused.
///
/// Test: `api::list_custom_images::limits::a_limit_has_two_sides`
pub(crate) const TAGS_MAX: u32 = 20;

/// Longest tag key, in characters; the shortest is one character.
///
/// Source: `ListCustomImages` reference, request parameter `Tag.N.Key`.
///
/// Past it: 400 `InvalidTag.N.Key`; a fixture is refused.
///
/// Test: `api::list_custom_images::limits::a_limit_has_two_sides`
pub(crate) const TAG_KEY_CHARS_MAX: usize = 64;

/// Longest tag value, in characters; the shortest is empty.
///
/// Source: `ListCustomImages` reference, request parameter `Tag.N.Value`.
///
/// Past it: 400 `InvalidTag.N.Value`; a fixture is refused.
///
/// Test: `api::list_custom_images::limits::a_limit_has_two_sides`
pub(crate) const TAG_VALUE_CHARS_MAX: usize = 64;
