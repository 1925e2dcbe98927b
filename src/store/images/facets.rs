//! Facets: what images have in common and filters ask for, each with its images and their number.
//!
//! A facet belongs to one region, so a filter needs no second look at it. Its images are stored in
//! the order of a listing, and their number is kept beside them, both changed in the transaction
//! that changes the images.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::resources::Image;

/// One facet of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet<'a> {
    /// Every image of the region.
    Region,
    /// `InShareUser`.
    Share(bool),
    /// `ResourceGroupId`.
    ResourceGroup(&'a str),
    /// `ResourceGroupId` and `InShareUser` together.
    ResourceGroupShare(&'a str, bool),
    /// A tag of this key and value.
    Tag(&'a str, &'a str),
}

/// A facet and its region; written as a text, it differs from every other term.
pub(super) struct Term<'a>(pub(super) &'a str, pub(super) Facet<'a>);

impl fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(region_id, facet) = self;
        match facet {
            Facet::Region => write!(f, "{REGION}{region_id}"),
            Facet::Share(share) => write!(f, "Share {region_id} {share}"),
            Facet::ResourceGroup(id) => write!(f, "ResourceGroup {region_id} {id}"),
            Facet::ResourceGroupShare(id, share) => {
                write!(f, "ResourceGroupShare {region_id} {share} {id}")
            }
            // A key may contain a `=` itself, so its length stands before it.
            Facet::Tag(key, value) => write!(f, "Tag {region_id} {} {key}={value}", key.len()),
        }
    }
}

/// The terms of all tags of one key: the first possible one, and the first one after all of them.
pub(super) fn tag_key_range(region_id: &str, key: &str) -> [String; 2] {
    let from = Term(region_id, Facet::Tag(key, "")).to_string();
    let mut to = from.clone();
    // The character after the `=` that all of them have there.
    to.pop();
    to.push('>');
    [from, to]
}

/// How the term of a whole region begins.
pub(super) const REGION: &str = "Region ";

/// A facet that some image has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KnownFacet {
    pub(super) facet_key: i64,
    pub(super) n_images: u64,
}

impl KnownFacet {
    /// Finds a facet; `None` when no image has it.
    pub(super) fn find(connection: &Connection, term: &Term<'_>) -> rusqlite::Result<Option<Self>> {
        let mut select =
            connection.prepare_cached("SELECT facet_key, n_images FROM facets WHERE term = ?")?;
        let facet = select.query_row([term.to_string()], |row| {
            let (facet_key, n_images) = (row.get(0)?, row.get(1)?);
            Ok(Self {
                facet_key,
                n_images,
            })
        });
        facet.optional()
    }
}

/// The bit of a facet in an image's `facet_bits`.
pub(super) fn facet_bit(facet_key: i64) -> i64 {
    1 << facet_key.rem_euclid(63)
}

/// The facts of an image that decide its facets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Faceted {
    pub(super) image_key: i64,
    pub(super) image_id: String,
    pub(super) newest_first: i64,
    pub(super) region_id: String,
    pub(super) in_share_user: bool,
    pub(super) resource_group_id: Option<String>,
    pub(super) tags: Vec<(String, String)>,
}

impl Faceted {
    /// The columns of `images` that [`Self::of`] reads, in its order.
    pub(in crate::store) const COLUMNS: &'static str =
        "image_key, image_id, newest_first, region_id, in_share_user, resource_group_id, tags";

    pub(in crate::store) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            image_key: row.get(0)?,
            image_id: row.get(1)?,
            newest_first: row.get(2)?,
            region_id: row.get(3)?,
            in_share_user: row.get(4)?,
            resource_group_id: row.get(5)?,
            tags: tags_of(row.get_ref(6)?.as_str()?)?,
        })
    }

    /// The facts of an image that has no key yet.
    pub(super) fn of_image(image: &Image) -> Self {
        let tags = image.tags.iter();
        Self {
            image_key: 0,
            image_id: image.image_id.clone(),
            newest_first: -image.creation_time.unix_s(),
            region_id: image.region_id.as_str().to_owned(),
            in_share_user: image.in_share_user,
            resource_group_id: image.resource_group_id.clone(),
            tags: tags
                .map(|tag| (tag.key.clone(), tag.value.clone()))
                .collect(),
        }
    }

    /// The tags as the column `tags` has them.
    pub(super) fn tags_json(&self) -> String {
        // Strings always have a JSON form, so the empty text is never seen.
        serde_json::to_string(&self.tags).unwrap_or_default()
    }

    fn facets(&self) -> impl Iterator<Item = Facet<'_>> {
        let group = self.resource_group_id.as_deref();
        let share = self.in_share_user;
        [Facet::Region, Facet::Share(share)]
            .into_iter()
            .chain(group.map(Facet::ResourceGroup))
            .chain(group.map(|id| Facet::ResourceGroupShare(id, share)))
            .chain(self.tags.iter().map(|(key, value)| Facet::Tag(key, value)))
    }
}

/// Reads the column `tags`.
pub(super) fn tags_of(json: &str) -> rusqlite::Result<Vec<(String, String)>> {
    serde_json::from_str(json).map_err(|error| {
        let text = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(6, text, error.into())
    })
}

/// Adds images to their facets and takes them out, inside a transaction of its caller.
///
/// The numbers of images are written by [`Self::finish`].
#[derive(Debug)]
pub(in crate::store) struct FacetWriter<'c> {
    connection: &'c Connection,
    seen: HashMap<String, Seen>,
    /// The term that is being written.
    term: String,
}

/// A facet that this writer has met, and by how much its number of images is off.
#[derive(Debug, Clone, Copy)]
struct Seen {
    facet_key: i64,
    change: i64,
}

/// Most facets that a writer remembers; then it writes their numbers and starts anew.
const SEEN_MAX: usize = 50_000;

impl<'c> FacetWriter<'c> {
    pub(in crate::store) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            seen: HashMap::new(),
            term: String::new(),
        }
    }

    /// Adds an image to its facets.
    pub(in crate::store) fn add(&mut self, image: &Faceted) -> rusqlite::Result<()> {
        self.add_all(std::slice::from_ref(image))
    }

    /// Adds images, which come in the order of a listing, to their facets.
    fn add_all(&mut self, images: &[Faceted]) -> rusqlite::Result<()> {
        let mut entries = Vec::new();
        let mut bits = vec![0; images.len()];
        for (idx, image) in images.iter().enumerate() {
            for facet_key in self.keys(image, 1)? {
                entries.push((facet_key, idx));
                bits[idx] |= facet_bit(facet_key);
            }
        }
        // The order of the table, so that it grows at its end.
        entries.sort_unstable();
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO image_facets VALUES (?, ?, ?, ?, ?)")?;
        for (facet_key, idx) in entries {
            let image = &images[idx];
            insert.execute(params![
                facet_key,
                image.newest_first,
                image.image_id,
                image.image_key,
                bits[idx]
            ])?;
        }
        Ok(())
    }

    /// Takes an image out of its facets.
    pub(in crate::store) fn remove(&mut self, image: &Faceted) -> rusqlite::Result<()> {
        let keys = self.keys(image, -1)?;
        let mut delete = self.connection.prepare_cached(
            "DELETE FROM image_facets WHERE facet_key = ? AND newest_first = ? AND image_id = ?",
        )?;
        for key in keys {
            delete.execute(params![key, image.newest_first, image.image_id])?;
        }
        Ok(())
    }

    fn keys(&mut self, image: &Faceted, change: i64) -> rusqlite::Result<Vec<i64>> {
        if self.seen.len() > SEEN_MAX {
            self.write_numbers()?;
        }
        image
            .facets()
            .map(|facet| self.key(&Term(&image.region_id, facet), change))
            .collect()
    }

    /// The key of a facet, made if need be; its number of images is to change.
    fn key(&mut self, term: &Term<'_>, change: i64) -> rusqlite::Result<i64> {
        self.term.clear();
        // Writing to a `String` cannot fail.
        write!(self.term, "{term}").ok();
        if let Some(seen) = self.seen.get_mut(self.term.as_str()) {
            seen.change += change;
            return Ok(seen.facet_key);
        }
        let facet_key = match KnownFacet::find(self.connection, term)? {
            Some(known) => known.facet_key,
            None => self
                .connection
                .prepare_cached("INSERT INTO facets (term, n_images) VALUES (?, 0)")?
                .insert([&self.term])?,
        };
        self.seen
            .insert(self.term.clone(), Seen { facet_key, change });
        Ok(facet_key)
    }

    /// Writes how many images each facet has now; deletes a facet without images.
    pub(in crate::store) fn finish(mut self) -> rusqlite::Result<()> {
        self.write_numbers()
    }

    fn write_numbers(&mut self) -> rusqlite::Result<()> {
        let mut update = self
            .connection
            .prepare_cached("UPDATE facets SET n_images = n_images + ? WHERE facet_key = ?")?;
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM facets WHERE facet_key = ? AND n_images = 0")?;
        for (_, seen) in self.seen.drain() {
            if seen.change != 0 {
                update.execute([seen.change, seen.facet_key])?;
            }
            if seen.change <= 0 {
                delete.execute([seen.facet_key])?;
            }
        }
        Ok(())
    }
}

/// Adds every image to its facets, of which there are none yet.
///
/// Region by region and in the order of a listing, so that the table grows at its end.
pub(in crate::store) fn fill(connection: &Connection) -> rusqlite::Result<()> {
    /// Images in memory at once.
    const BATCH: usize = 50_000;
    let mut writer = FacetWriter::new(connection);
    // Keys alone are sorted: whole rows would take much memory.
    let mut keys = connection
        .prepare("SELECT image_key FROM images ORDER BY region_id, newest_first, image_id")?;
    let mut select = connection.prepare(&format!(
        "SELECT {} FROM images WHERE image_key = ?",
        Faceted::COLUMNS
    ))?;
    let mut keys = keys.query([])?;
    let mut batch: Vec<Faceted> = Vec::new();
    while let Some(row) = keys.next()? {
        let image = select.query_row([row.get::<_, i64>(0)?], Faceted::of)?;
        let next_region = batch
            .last()
            .is_some_and(|last| last.region_id != image.region_id);
        if next_region || batch.len() == BATCH {
            writer.add_all(&batch)?;
            batch.clear();
        }
        batch.push(image);
    }
    writer.add_all(&batch)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Facet::Tag("a=b", "c"), Facet::Tag("a", "b=c"))]
    #[case(
        Facet::ResourceGroup("true rg-1"),
        Facet::ResourceGroupShare("rg-1", true)
    )]
    fn two_facets_never_share_a_term(#[case] one: Facet<'_>, #[case] other: Facet<'_>) {
        assert_ne!(
            Term("cn-hangzhou", one).to_string(),
            Term("cn-hangzhou", other).to_string()
        );
    }
}
