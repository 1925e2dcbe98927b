//! Each documented or chosen limit once, with its unit and source.

use std::time::Duration;

/// Longest accepted `ClientToken`, in characters; all of them ASCII.
///
/// Source: `ListCustomImages` reference, request parameter `ClientToken`.
pub(crate) const CLIENT_TOKEN_CHARS_MAX: usize = 64;

/// Client tokens that a sandbox remembers.
pub(crate) const CLIENT_TOKENS_MAX: usize = 1_000;

/// Client tokens and their answers that a sandbox remembers, in bytes.
pub(crate) const CLIENT_TOKENS_BYTES_MAX: usize = 4 << 20;

/// How long a sandbox remembers a client token, by its own clock.
///
/// Source: our reading; pages of the vendor's other products give their tokens a day.
pub(crate) const CLIENT_TOKENS_TIME_MAX: Duration = Duration::from_hours(24);

/// Most entries in `ImageIds` or `ImageNames`, counted as sent.
///
/// Source: `ListCustomImages` reference, request parameters `ImageIds` and `ImageNames`.
pub(crate) const LIST_ENTRIES_MAX: usize = 100;

/// Smallest accepted `PageSize`, in images per page.
///
/// Source: our reading; the reference states no minimum.
pub(crate) const PAGE_SIZE_MIN: u32 = 1;

/// Largest accepted `PageSize`, in images per page.
///
/// Source: `ListCustomImages` reference, request parameter `PageSize`.
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
pub(crate) const TAGS_MAX: u32 = 20;

/// Longest tag key, in characters; the shortest is one character.
///
/// Source: `ListCustomImages` reference, request parameter `Tag.N.Key`.
pub(crate) const TAG_KEY_CHARS_MAX: usize = 64;

/// Longest tag value, in characters; the shortest is empty.
///
/// Source: `ListCustomImages` reference, request parameter `Tag.N.Value`.
pub(crate) const TAG_VALUE_CHARS_MAX: usize = 64;

/// Largest request body of the vendor's API, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes of an oversized body that are read and discarded, so that the client sees the error.
pub(crate) const BODY_DRAIN_BYTES_MAX: usize = 8 << 20;

/// Longest time for discarding an oversized body.
pub(crate) const BODY_DRAIN_TIME_MAX: Duration = Duration::from_secs(2);

/// Most parameters of one request, query and form together.
pub(crate) const PARAMETERS_MAX: usize = 1_000;

/// Longest time from a request's header to its answer.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// Longest time for a client to send a request's header.
pub(crate) const HEADER_TIME_MAX: Duration = Duration::from_secs(10);

/// Connections served at once; more wait in the listener's backlog.
pub(crate) const CONNECTIONS_MAX: usize = 1_000;

/// Longest time that requests in flight get when the emulator stops.
pub(crate) const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(5);

/// Longest value of one of our own `x-emulator-…` headers, in bytes.
pub(crate) const NOTE_BYTES_MAX: usize = 1 << 10;

/// Checkpoints that one sandbox keeps.
pub(crate) const CHECKPOINTS_MAX: usize = 100;

/// Sandboxes beside the default one; a default.
pub(crate) const SANDBOXES_MAX: usize = 1_000;

/// Memory for the copies, checkpoints and journals of those sandboxes, in bytes; a default.
pub(crate) const SANDBOXES_BYTES_MAX: u64 = 256 << 20;

/// Largest body of a control request, in bytes; a default.
pub(crate) const CONTROL_BODY_BYTES_MAX: usize = 32 << 20;

/// Longest image of a fixture, and longest value of any other of its fields, in bytes.
pub(crate) const FIXTURE_VALUE_BYTES_MAX: usize = 1 << 20;

/// Longest file whose fixture is held in memory, in bytes; a longer one is read when it is needed.
///
/// Fixtures of at most this size together are checked before the address is bound.
pub(crate) const FIXTURE_HELD_BYTES_MAX: u64 = 1 << 20;

/// Most resources of one kind in a sandbox; custom images have no such limit.
pub(crate) const ROWS_MAX: u64 = 10_000;

/// Most documents and timelines of one kind in a sandbox, in bytes; custom images have no such limit.
pub(crate) const ROW_BYTES_MAX: u64 = 8 << 20;

/// Most images that the control API generates at once.
pub(crate) const GENERATED_IMAGES_MAX: u64 = 1_000_000;

/// Fault rules of one sandbox.
pub(crate) const FAULT_RULES_MAX: usize = 1_000;

/// Longest delay of a fault.
pub(crate) const FAULT_DELAY_MAX: Duration = Duration::from_mins(5);

/// Longest id of a fault's rule; a character outside ASCII counts by its bytes.
pub(crate) const FAULT_ID_CHARS_MAX: usize = 128;

/// Strikes that one magic key may ask for.
pub(crate) const MAGIC_TIMES_MAX: u64 = 1_000_000;

/// Magic keys whose uses a sandbox counts.
pub(crate) const MAGIC_KEYS_MAX: usize = 1_000;

/// Longest name of a sandbox or a checkpoint, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 128;

/// Most steps of one timeline.
pub(crate) const TIMELINE_STEPS_MAX: usize = 100;

/// Most listings that a step of a timeline waits for.
pub(crate) const TIMELINE_LISTS_MAX: i64 = 1_000_000;

/// Most entries on a page of the control API.
pub(crate) const CONTROL_PAGE_ENTRIES_MAX: u64 = 1_000;

/// Requests that a sandbox's journal keeps; a default.
pub(crate) const JOURNAL_ENTRIES_MAX: usize = 1_000;

/// Memory of a sandbox's journal, in bytes; a default.
pub(crate) const JOURNAL_BYTES_MAX: usize = 8 << 20;

/// Memory for the results of listings, of all sandboxes together, in bytes; a default.
pub(crate) const CACHE_BYTES_MAX: u64 = 6 << 20;

/// Memory for pages of a database file, in KiB.
///
/// Four times SQLite's default: most inner pages of the trees of 1,000,000 images fit.
pub(crate) const PAGE_CACHE_KIB: i64 = 8_000;

/// Listeners of journals at once.
pub(crate) const JOURNAL_LISTENERS_MAX: usize = 32;

/// Largest sandbox whose empty answers are explained with the answer itself, in images.
pub(crate) const EXPLAINED_IMAGES_MAX: u64 = 10_000;

/// Most near misses in one explanation.
pub(crate) const NEAR_MISSES_MAX: usize = 20;

/// Longest name that is compared with the known ones for "did you mean", in characters.
pub(crate) const SIMILAR_CHARS_MAX: usize = 64;
