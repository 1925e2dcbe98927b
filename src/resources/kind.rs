//! Kinds: what an account holds beside custom images, each kept as rows.

use serde_json::{Map, Value};

use crate::base::Timestamp;
use crate::resources::{KINDS, Regions};

/// A kind of small resource, such as servers or disks: a list of a fixture, and rows of a store.
///
/// Custom images are not one of them: they are the one large, indexed kind.
#[derive(Debug)]
pub struct Kind {
    /// The name of its list in a fixture and in the answer of its List action, such as `Instances`.
    pub list: &'static str,
    /// The field that holds the id, such as `InstanceId`.
    pub id: &'static str,
    /// Checks an object by the kind's rules, and fills in its defaults; the last argument is its
    /// creation time when it has none. The text of an error is the rule that is broken.
    pub check: Check,
}

/// Reads an object of some kind.
pub(crate) type Check = fn(Map<String, Value>, &Regions, Timestamp) -> Result<Row, String>;

/// A resource of some kind, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id, unique in its kind.
    pub id: String,
    /// Its region; empty for what belongs to none.
    pub region_id: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its JSON object as the API writes it.
    pub document: String,
}

/// The kinds that an emulator knows beside custom images.
#[derive(Debug, Clone, Copy)]
pub struct Kinds(pub &'static [&'static Kind]);

impl Default for Kinds {
    fn default() -> Self {
        Self(&KINDS)
    }
}

impl Kinds {
    /// Finds a kind by the name of its list, byte for byte.
    pub fn find(self, list: &str) -> Option<&'static Kind> {
        self.0.iter().copied().find(|kind| kind.list == list)
    }
}
