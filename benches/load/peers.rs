//! Other tools under the same load, as far as they are installed.

use crate::rounds::Series;

/// One tool, measured.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: String,
    /// What the measured answer is made of.
    pub(crate) answers: &'static str,
    pub(crate) series: Series,
    pub(crate) cold_start_ms: f64,
    pub(crate) idle_rss_bytes: u64,
    pub(crate) rss_bytes: u64,
}
