//! Each documented or chosen limit once, with its unit and source.

mod connections;
mod log;
mod vendor;
mod work;

use std::time::Duration;

pub(crate) use connections::{
    BODIES_BYTES_MAX, BODY_DRAIN_BYTES_MAX, BODY_DRAIN_TIME_MAX, CONNECTIONS_MAX, HEADER_TIME_MAX,
    IDLE_TIME_MAX, KEEP_ALIVE_TIME, LISTENER_BYTES_MAX, PLACE_TIME_MIN, PROGRESS_TIME_MAX,
    SHUTDOWN_TIME_MAX,
};
pub(crate) use log::LOG_FIELD_BYTES_MAX;
#[cfg(feature = "cli")]
pub(crate) use log::{LOG_END_TIME_MAX, LOG_LINE_BYTES_MAX, LOG_QUEUE_BYTES_MAX};
pub(crate) use vendor::{
    CLIENT_TOKEN_CHARS_MAX, LIST_ENTRIES_MAX, PAGE_NUMBER_DEFAULT, PAGE_SIZE_DEFAULT,
    PAGE_SIZE_MAX, PAGE_SIZE_MIN, TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX, TAGS_MAX,
};
pub(crate) use work::{
    BLOCKING_THREAD_IDLE_MAX, BLOCKING_THREADS_MAX, BRIEF_BYTES_MAX, BRIEF_COPY_BYTES_MAX,
    BRIEF_IMAGES_MAX, BRIEF_TIME_MAX, LONG_REQUESTS_MAX, VIEW_CACHE_KIB,
};

/// Client tokens that a sandbox remembers.
///
/// Past it: the oldest token is forgotten.
///
/// Test: `sandbox::tokens::tests::a_token_is_forgotten_after_a_thousand_others`
pub(crate) const CLIENT_TOKENS_MAX: usize = 1_000;

/// Client tokens and their answers that a sandbox remembers, in bytes.
///
/// Past it: the oldest tokens are forgotten.
///
/// Test: `sandbox::tokens::tests::answers_have_four_mebibytes_together`
pub(crate) const CLIENT_TOKENS_BYTES_MAX: usize = 4 << 20;

/// How long a sandbox remembers a client token, by its own clock.
///
/// Source: our reading; pages of the vendor's other products give their tokens a day.
///
/// Past it: the token is forgotten.
///
/// Test: `api::client_tokens::a_token_is_forgotten_after_a_day_of_the_sandboxs_clock`
pub(crate) const CLIENT_TOKENS_TIME_MAX: Duration = Duration::from_hours(24);

/// Largest request body of the vendor's API, in bytes.
///
/// Past it: 413 `RequestTooLarge`, and the connection is closed.
///
/// Test: `api::bodies::a_body_has_a_limit_that_a_client_sees_that_sends_everything_first`
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Most parameters of one request, query and form together.
///
/// Past it: 400 `TooManyParameters`.
///
/// Test: `api::bodies::the_parameters_of_query_and_form_are_counted_together`
pub(crate) const PARAMETERS_MAX: usize = 1_000;

/// Longest time after it that a stop waits for changes that nothing can interrupt.
///
/// Past it: the process ends, and a database file keeps nothing of them.
///
/// Test: `process::embedding::dropping_waits_for_no_long_change`
pub(crate) const DROP_TIME_MAX: Duration = Duration::from_millis(500);

/// Longest value of one of our own `x-emulator-…` headers, in bytes.
///
/// Past it: the value is cut and ends with `...`.
///
/// Test: `api::errors::a_reason_has_at_most_1_kib_however_long_the_value_is`
pub(crate) const NOTE_BYTES_MAX: usize = 1 << 10;

/// Checkpoints that one sandbox keeps.
///
/// Past it: 409 `TooManyCheckpoints`.
///
/// Test: `control::states::a_sandbox_keeps_a_hundred_checkpoints`
pub(crate) const CHECKPOINTS_MAX: usize = 100;

/// Sandboxes beside the default one; a default.
///
/// Past it: the sandbox unused for longest is removed.
///
/// Test: `sandbox::limits::past_the_largest_number_the_least_recently_used_sandbox_is_removed`
pub(crate) const SANDBOXES_MAX: usize = 1_000;

/// Memory for the copies, checkpoints and journals of those sandboxes, in bytes; a default.
///
/// Past it: the sandbox unused for longest is removed.
///
/// Test: `sandbox::limits::past_the_largest_size_the_least_recently_used_sandbox_is_removed`
pub(crate) const SANDBOXES_BYTES_MAX: u64 = 256 << 20;

/// Largest body of a control request, in bytes; a default.
///
/// Past it: 413 `BodyTooLarge`.
///
/// Test: `control::bad_bodies::a_body_at_the_limit_is_read_and_one_byte_more_is_413`
pub(crate) const CONTROL_BODY_BYTES_MAX: usize = 32 << 20;

/// Longest image of a fixture, and longest value of any other of its fields, in bytes.
///
/// Past it: the fixture is refused.
///
/// Test: `fixtures::stream::an_image_has_a_longest_length`
pub(crate) const FIXTURE_VALUE_BYTES_MAX: usize = 1 << 20;

/// Longest file whose fixture is held in memory, in bytes; a longer one is read when it is needed.
///
/// Fixtures of at most this size together are checked before the address is bound.
///
/// Past it: the file is read again for each use.
///
/// Test: `fixtures::stream::a_file_of_1_mib_is_held_and_a_longer_one_is_read_again`
pub(crate) const FIXTURE_HELD_BYTES_MAX: u64 = 1 << 20;

/// Most resources of one kind in a sandbox; custom images have no such limit.
///
/// Past it: 409 `KindFull`, and nothing is changed.
///
/// Test: `store::rows::a_kind_holds_as_much_as_it_may_and_refuses_one_more`
pub(crate) const ROWS_MAX: u64 = 10_000;

/// Most documents and timelines of one kind in a sandbox, in bytes; custom images have no such limit.
///
/// Past it: 409 `KindFull`, and nothing is changed.
///
/// Test: `store::rows::a_kind_holds_as_much_as_it_may_and_refuses_one_more`
pub(crate) const ROW_BYTES_MAX: u64 = 8 << 20;

/// Most images that the control API generates at once.
///
/// Past it: 400 `BadRequest`.
///
/// Test: `control::generate::a_generate_request_that_breaks_a_rule_adds_nothing`
pub(crate) const GENERATED_IMAGES_MAX: u64 = 1_000_000;

/// Fault rules of one sandbox.
///
/// Past it: 409 `TooManyFaults`.
///
/// Test: `control::faults::a_sandbox_has_at_most_a_thousand_fault_rules`
pub(crate) const FAULT_RULES_MAX: usize = 1_000;

/// Fault rules of one sandbox, in bytes of JSON.
///
/// Past it: 409 `TooManyFaults`.
///
/// Test: `control::faults::the_rules_of_a_sandbox_have_at_most_1_mib_together`
pub(crate) const FAULT_RULES_BYTES_MAX: usize = 1 << 20;

/// Longest delay of a fault.
///
/// Past it: 400 `InvalidFault`.
///
/// Test: `control::faults::a_delay_and_an_id_have_a_longest_length`
pub(crate) const FAULT_DELAY_MAX: Duration = Duration::from_mins(5);

/// Longest id of a fault's rule; a character outside ASCII counts by its bytes.
///
/// Past it: 400 `InvalidFault`.
///
/// Test: `control::faults::a_delay_and_an_id_have_a_longest_length`
pub(crate) const FAULT_ID_CHARS_MAX: usize = 128;

/// Strikes that one magic key may ask for.
///
/// Past it: 400 `InvalidAccessKeyId`.
///
/// Test: `faults::magic::tests::a_magic_key_names_a_code_and_how_often`,
/// `faults::magic::tests::any_other_form_is_refused`
pub(crate) const MAGIC_TIMES_MAX: u64 = 1_000_000;

/// Longest AccessKeyId with a `+`; a character outside ASCII counts by its bytes.
///
/// Past it: 400 `InvalidAccessKeyId`.
///
/// Test: `faults::magic::tests::a_magic_key_has_at_most_512_characters`
pub(crate) const MAGIC_KEY_CHARS_MAX: usize = 512;

/// Magic keys whose uses a sandbox counts.
///
/// Past it: the uses of the oldest key are forgotten.
///
/// Test: `faults::tests::the_uses_of_the_oldest_magic_key_are_forgotten`
pub(crate) const MAGIC_KEYS_MAX: usize = 1_000;

/// Longest name of a sandbox or a checkpoint, in characters.
///
/// Past it: 400 `InvalidName`; of a signed request 403 `InvalidAccessKeyId`.
///
/// Test: `sandbox::name::tests::a_name_has_at_most_128_characters`
pub(crate) const NAME_CHARS_MAX: usize = 128;

/// Most steps of one timeline.
///
/// Past it: the fixture is refused.
///
/// Test: `sandbox::timelines::a_hundred_steps_are_accepted`,
/// `sandbox::timelines::a_timeline_that_breaks_a_rule_is_refused_with_the_line_and_the_rule`
pub(crate) const TIMELINE_STEPS_MAX: usize = 100;

/// Most listings that a step of a timeline waits for.
///
/// Past it: the fixture is refused.
///
/// Test: `sandbox::timelines::a_hundred_steps_are_accepted`,
/// `sandbox::timelines::a_timeline_that_breaks_a_rule_is_refused_with_the_line_and_the_rule`
pub(crate) const TIMELINE_LISTS_MAX: i64 = 1_000_000;

/// Longest message of a refusal of the control API, in bytes.
///
/// Past it: the message is cut and says so.
///
/// Test: `control::long_values::a_message_repeats_at_most_8_kib`
pub(crate) const CONTROL_MESSAGE_BYTES_MAX: usize = 8 << 10;

/// Most expectations that are compared with the journal at once.
///
/// Past it: 400 `BadRequest`.
///
/// Test: `control::long_values::a_thousand_expectations_are_compared_and_no_more`
pub(crate) const EXPECTATIONS_MAX: usize = 1_000;

/// Most entries on a page of the control API.
///
/// Past it: 400 `BadRequest`.
///
/// Test: `control::images::a_page_outside_the_range_is_refused`
pub(crate) const CONTROL_PAGE_ENTRIES_MAX: u64 = 1_000;

/// Requests that a sandbox's journal keeps; a default.
///
/// Past it: the oldest request is forgotten.
///
/// Test: `journal::records::the_oldest_requests_make_room_by_number_and_by_bytes`
pub(crate) const JOURNAL_ENTRIES_MAX: usize = 1_000;

/// Memory of a sandbox's journal, in bytes; a default.
///
/// Past it: the oldest requests are forgotten.
///
/// Test: `journal::records::the_oldest_requests_make_room_by_number_and_by_bytes`
pub(crate) const JOURNAL_BYTES_MAX: usize = 8 << 20;

/// Memory for the results of listings, of all sandboxes together, in bytes; a default.
///
/// Past it: the results used least are forgotten.
///
/// Test: `store::images::cache::tests::what_is_kept_stays_within_its_bytes`
pub(crate) const CACHE_BYTES_MAX: u64 = 6 << 20;

/// Longest key of a result of a listing that is kept: its filter's texts, in bytes, about.
///
/// Past it: the result is not kept.
///
/// Test: `store::images::cache::tests::each_text_of_a_key_counts_and_a_key_has_a_longest_length`,
/// `process::kept_texts::long_filters_are_not_kept`.
pub(crate) const CACHE_KEY_BYTES_MAX: usize = 16 << 10;

/// Largest database file that is checked at each start, in bytes; it takes about 10 ms.
///
/// Past it: damage is found when it is hit, which is 500 `InternalError`.
///
/// Test: `durability::damage::a_damaged_file_is_refused_or_fails_where_it_is_hit_and_stays_as_it_is`,
/// `durability::damage::a_large_file_is_opened_without_a_check`
pub(crate) const CHECKED_BYTES_MAX: u64 = 4 << 20;

/// Memory for pages of a database file, in KiB.
///
/// Four times SQLite's default: most inner pages of the trees of 1,000,000 images fit.
pub(crate) const PAGE_CACHE_KIB: i64 = 8_000;

/// Listeners of journals at once.
///
/// Past it: 429 `TooManyListeners`.
///
/// Test: `journal::records::a_stream_sends_each_request_and_has_at_most_32_listeners`
pub(crate) const JOURNAL_LISTENERS_MAX: usize = 32;

/// Largest sandbox whose empty answers are explained with the answer itself, in images.
///
/// Past it: the answer names the address of its explanation.
///
/// Test: `control::explain::in_a_large_sandbox_the_header_names_the_explain_address`
pub(crate) const EXPLAINED_IMAGES_MAX: u64 = 10_000;

/// Most near misses in one explanation.
///
/// Past it: only the nearest are shown.
///
/// Test: `control::explain::the_nearest_twenty_are_shown`
pub(crate) const NEAR_MISSES_MAX: usize = 20;

/// Unknown names of one request that are compared with the known ones for "did you mean".
///
/// Past it: no name is suggested.
///
/// Test: `control::long_values::the_first_32_unknown_names_get_a_suggestion`
pub(crate) const SIMILAR_NAMES_MAX: usize = 32;

/// Longest name that is compared with the known ones for "did you mean", in characters.
///
/// Past it: no name is suggested.
///
/// Test: `base::similar::tests::a_name_of_64_characters_is_compared_and_a_longer_one_is_not`
pub(crate) const SIMILAR_CHARS_MAX: usize = 64;
