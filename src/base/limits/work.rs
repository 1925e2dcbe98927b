//! How long work may take where it is done.

use std::time::Duration;

/// Longest time that a query may take on a thread that serves connections.
///
/// Past it: the query is answered on another thread.
///
/// Test: `stalls::nobody_waits_for_another_client`
pub(crate) const BRIEF_TIME_MAX: Duration = Duration::from_millis(3);

/// Most bytes of documents that are answered on a thread that serves connections.
///
/// Past it: the request is answered on another thread.
///
/// Test: `stalls::nobody_waits_for_another_client`
pub(crate) const BRIEF_BYTES_MAX: usize = 256 << 10;

/// Most images that a change may have to change them in place, while reads wait.
///
/// Past it: the change is prepared on a copy, or on another connection to a file.
///
/// Test: `stalls::nobody_waits_for_another_client`
pub(crate) const BRIEF_IMAGES_MAX: usize = 100;

/// Largest store in memory that is copied at once, while reads wait, in bytes.
///
/// Past it: a change that needs a copy makes it while reads go on.
///
/// Test: `stalls::nobody_waits_for_another_client`
pub(crate) const BRIEF_COPY_BYTES_MAX: u64 = 4 << 20;

/// Memory for pages of a connection that reads for long, in KiB.
pub(crate) const VIEW_CACHE_KIB: i64 = 1_000;

/// Requests at work at once that may take longer than a few milliseconds: control calls and wide
/// queries, each on a thread of its own.
///
/// Past it: the next one waits until one of them is answered.
///
/// Test: `stalls::places::requests_that_take_long_have_32_places_and_all_others_go_on`
pub(crate) const LONG_REQUESTS_MAX: usize = 32;

/// Threads for requests that take long, for the pieces of exports and for a seed.
///
/// Twice as many as there are places for long requests: a request that leaves the thread of its
/// connection takes one, and so does the export that it may answer with.
pub(crate) const BLOCKING_THREADS_MAX: usize = 2 * LONG_REQUESTS_MAX + 16;

/// How long such a thread waits for work before it ends.
pub(crate) const BLOCKING_THREAD_IDLE_MAX: Duration = Duration::from_secs(2);
