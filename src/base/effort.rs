//! How long a piece of work may run where it is.

/// How long a piece of work may run where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A few milliseconds, without waiting for anybody: on a thread that serves connections.
    Brief,
    /// As long as it takes.
    Long,
}
