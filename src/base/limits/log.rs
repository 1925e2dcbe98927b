//! Limits of the log and of standard output.

#[cfg(feature = "cli")]
use std::time::Duration;

/// Longest line of the log, in bytes.
///
/// Past it: the line is cut and says so.
///
/// Test: `process::log_readers::a_line_has_at_most_8_kib_whatever_a_client_sends`
#[cfg(feature = "cli")]
pub(crate) const LOG_LINE_BYTES_MAX: usize = 8 << 10;

/// Longest text of a client's in one field of the log, and longest reason in the journal, in bytes.
///
/// Past it: the text is cut and says so.
///
/// Test: `process::log_readers::a_text_of_a_client_has_at_most_1_kib_in_the_log`
pub(crate) const LOG_FIELD_BYTES_MAX: usize = 1 << 10;

/// Lines of the log that wait for their reader, in bytes.
///
/// Past it: lines are lost and counted.
///
/// Test: `process::log_readers::a_log_that_nobody_reads_stops_nothing_and_its_lost_lines_are_told_once_somebody_does`
#[cfg(feature = "cli")]
pub(crate) const LOG_QUEUE_BYTES_MAX: usize = 1 << 20;

/// Longest time that the last lines of the log, and of the output, get when the process ends.
///
/// Past it: they are lost.
///
/// Test: `process::log_readers::a_process_whose_output_nobody_reads_still_stops_in_time`
#[cfg(feature = "cli")]
pub(crate) const LOG_END_TIME_MAX: Duration = Duration::from_millis(500);
