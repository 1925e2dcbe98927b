//! A state as a fixture: images by id, then each kind that has any, in pieces.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use crate::fixture::{
    EXPORT_END, EXPORT_START, export_entry, export_list_end, export_list_start, image_json,
    row_json,
};
use crate::resources::{Kind, Kinds};
use crate::sandbox::SandboxError;
use crate::sandbox::world::WholeState;
use crate::store::Pending;

/// Images that are read at once.
const IMAGES_READ: u64 = 256;

/// The pieces of a fixture, read as they are asked for.
#[derive(Debug)]
pub struct Export {
    state: Option<WholeState>,
    /// `None` for a state whose timelines do not run.
    now_unix_ms: Option<i64>,
    kinds: VecDeque<&'static Kind>,
    next: Next,
}

/// The next piece.
#[derive(Debug)]
enum Next {
    Start,
    /// Images after this one.
    Images(String),
    Rows,
    Nothing,
}

impl Export {
    /// Writes a state, or an empty one. Of its timelines, what is left at that moment is written;
    /// without a moment they are written as they are stored.
    pub(super) fn new(state: Option<WholeState>, kinds: Kinds, now_unix_ms: Option<i64>) -> Self {
        Self {
            state,
            now_unix_ms,
            kinds: kinds.0.iter().copied().collect(),
            next: Next::Start,
        }
    }

    /// All of it.
    pub fn text(self) -> Result<String, SandboxError> {
        self.collect()
    }

    fn piece(&mut self) -> Result<Option<String>, SandboxError> {
        match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Start => {
                self.next = Next::Images(String::new());
                let list = export_list_start("CustomImages", true);
                Ok(Some(EXPORT_START.to_owned() + &list))
            }
            Next::Images(after) => self.images(after).map(Some),
            Next::Rows => self.rows().map(Some),
            Next::Nothing => Ok(None),
        }
    }

    fn images(&mut self, mut after: String) -> Result<String, SandboxError> {
        let images = match &mut self.state {
            Some(state) => state.images_after(&after, IMAGES_READ)?,
            None => Vec::new(),
        };
        let mut text = String::new();
        for mut image in images {
            let now_unix_ms = self.moment(&mut image.pending);
            let json = image_json(&image, now_unix_ms)?;
            text += &export_entry(&json, after.is_empty());
            after = image.image_id;
        }
        if text.is_empty() {
            self.next = Next::Rows;
            return Ok(export_list_end(after.is_empty()).to_owned());
        }
        self.next = Next::Images(after);
        Ok(text)
    }

    /// The list of the next kind that has any resource, or the end.
    fn rows(&mut self) -> Result<String, SandboxError> {
        while let (Some(kind), Some(state)) = (self.kinds.pop_front(), &self.state) {
            let rows = state.rows_by_id(kind.list)?;
            if rows.is_empty() {
                continue;
            }
            let mut text = export_list_start(kind.list, false);
            for (idx, mut row) in rows.into_iter().enumerate() {
                let now_unix_ms = self.moment(&mut row.pending);
                let json: Map<String, Value> = row_json(&row, now_unix_ms)?;
                text += &export_entry(&json, idx == 0);
            }
            text += export_list_end(false);
            self.next = Next::Rows;
            return Ok(text);
        }
        Ok(EXPORT_END.to_owned())
    }

    /// The moment at which what is left of a timeline is written.
    fn moment(&self, pending: &mut Pending) -> i64 {
        self.now_unix_ms.unwrap_or_else(|| {
            // A kept timeline has been cut to what is left: nothing was waited for since.
            pending.since_unix_ms = 0;
            0
        })
    }
}

impl Iterator for Export {
    type Item = Result<String, SandboxError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.piece().transpose()
    }
}
