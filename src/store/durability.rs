//! What a loss of power may undo.

/// When a change of a database file reaches the disk.
///
/// A change that was acknowledged survives the end of the process with either. They differ in what
/// survives a loss of power or a crash of the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Before it is acknowledged. A loss of power undoes nothing that was acknowledged.
    Full,
    /// Some changes later. A loss of power undoes the last changes, each of them whole.
    #[default]
    Normal,
}

impl Durability {
    /// The value of `PRAGMA synchronous`.
    pub(super) fn pragma(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}
