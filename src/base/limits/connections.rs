//! The limits of connections: what a client may send, keep open and be slow with.

use std::time::Duration;

/// Bytes of an oversized body that are read and discarded, so that the client sees the error.
///
/// Past it: the connection is closed.
///
/// Test: `api::bodies::a_body_has_a_limit_that_a_client_sees_that_sends_everything_first`
pub(crate) const BODY_DRAIN_BYTES_MAX: usize = 8 << 20;

/// Longest time for discarding an oversized body.
///
/// Past it: the connection is closed.
///
/// Test: `process::clients_that_stall::the_rest_of_a_body_over_the_limit_is_waited_for_2_s`
pub(crate) const BODY_DRAIN_TIME_MAX: Duration = Duration::from_secs(2);

/// Bodies of all requests in flight, of both APIs, in bytes.
///
/// Past it: 503 `ServiceUnavailable`; of the control API 503 `TooManyBodies`.
///
/// Test: `process::bodies_in_flight::bodies_past_the_budget_are_refused_by_both_apis_until_others_are_answered`
pub(crate) const BODIES_BYTES_MAX: usize = 256 << 20;

/// Longest time without a byte, of a body that comes or of an answer that goes.
///
/// Past it: 503 `ServiceUnavailable`, of the control API 408 `BodyTimeout`; an unread answer's
/// connection is reset.
///
/// Test: `process::clients_that_stall::half_a_header_is_closed_after_10_s_and_half_a_body_is_answered_after_30_s`, `process::clients_that_stall::an_answer_that_nobody_reads_ends_its_connection_after_30_s`
pub(crate) const PROGRESS_TIME_MAX: Duration = Duration::from_secs(30);

/// Longest time for a request's header, from its first byte on; a connection's first one counts from
/// the connection on.
///
/// Past it: the connection is closed.
///
/// Test: `process::clients_that_stall::half_a_header_is_closed_after_10_s_and_half_a_body_is_answered_after_30_s`
pub(crate) const HEADER_TIME_MAX: Duration = Duration::from_secs(10);

/// How long a connection is kept after an answer: longer than any client's pool keeps it.
///
/// Past it: the connection is closed.
///
/// Test: `process::clients_that_stall::an_idle_connection_is_closed_after_330_s`
pub(crate) const IDLE_TIME_MAX: Duration = Duration::from_secs(330);

/// How long answers tell clients to keep a connection, in the header `Keep-Alive`.
pub(crate) const KEEP_ALIVE_TIME: Duration = Duration::from_secs(25);

/// Connections served at once.
///
/// Past it: the connection that is idle longest is closed, else the one that stalls longest.
///
/// Test: `process::crowds::a_new_client_takes_the_place_of_the_one_that_did_nothing_for_longest`
pub(crate) const CONNECTIONS_MAX: usize = 1_000;

/// How long a new client waits for a place while every connection was active a moment ago.
///
/// Past it: the least active of them is closed.
///
/// Test: `process::crowds::beside_a_crowd_that_stalls_no_client_waits_longer_than_a_second`
pub(crate) const PLACE_TIME_MIN: Duration = Duration::from_millis(500);

/// Longest time that requests in flight get when the emulator stops.
///
/// Past it: the connection is closed without an answer.
///
/// Test: `process::stopping::a_request_in_flight_that_does_not_end_is_dropped_after_4_s`
pub(crate) const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(4);

/// Requests that wait until a listener of a journal reads them, in bytes.
///
/// Past it: the listener's connection is closed.
///
/// Test: `journal::listeners::tests::a_listener_is_lost_once_more_than_4_mib_wait_and_one_that_reads_is_not`
pub(crate) const LISTENER_BYTES_MAX: usize = 4 << 20;
