//! How a filter is answered: by looking images up, by one facet, or by combining facets.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, params_from_iter};

use crate::resources::{ImageFilter, Sharing};
use crate::store::images::facets::{Facet, KnownFacet, Term, facet_bit, tag_key_range};
use crate::store::images::look_up::LookUp;

/// The way to the images that match a filter.
#[derive(Debug)]
pub(super) enum Plan<'f> {
    /// No image has one of the facets that the filter asks for.
    Nothing,
    /// The images of one facet, and no others, match.
    Facet(KnownFacet),
    /// The images that are looked up match.
    LookUp(LookUp<'f>),
    /// The images that a statement selects match.
    Statement(KeyStatement<'f>),
}

/// A statement that selects the keys of matching images, in the order of a listing.
#[derive(Debug)]
pub(super) struct KeyStatement<'f> {
    /// Fixed texts only; what the request says is bound.
    sql: String,
    values: Vec<ToSqlOutput<'f>>,
}

impl<'f> Plan<'f> {
    pub(super) fn of(connection: &Connection, filter: &'f ImageFilter) -> rusqlite::Result<Self> {
        if let Some(look_up) = LookUp::of(connection, filter)? {
            return Ok(Self::LookUp(look_up));
        }
        let any_value = filter.tags.iter().filter(|tag| tag.value.is_none());
        let keys: Vec<&str> = any_value.map(|tag| tag.key.as_str()).collect();
        let mut facets = facets(filter);
        if facets.is_empty() && keys.is_empty() {
            facets.push(Facet::Region);
        }
        let mut known = Vec::new();
        for facet in facets {
            match KnownFacet::find(connection, &Term(filter.region_id.as_str(), facet))? {
                Some(facet) if !known.contains(&facet) => known.push(facet),
                Some(_) => {}
                None => return Ok(Self::Nothing),
            }
        }
        known.sort_by_key(|facet| facet.n_images);
        let mut statement = match (known.as_slice(), keys.as_slice()) {
            ([facet], []) => return Ok(Self::Facet(*facet)),
            ([], []) => return Ok(Self::Nothing),
            ([rarest, others @ ..], _) => KeyStatement::of_facets(*rarest, others),
            ([], [key, ..]) => KeyStatement::of_tag_key(filter.region_id.as_str(), key),
        };
        statement.require_tag_keys(&keys);
        statement
            .sql
            .push_str(" ORDER BY i.newest_first, i.image_id");
        Ok(Self::Statement(statement))
    }
}

/// The facets that a filter asks for, beside the region.
fn facets(filter: &ImageFilter) -> Vec<Facet<'_>> {
    let share = filter.share.map(|share| share == Sharing::Shared);
    let tags = filter.tags.iter();
    let tags = tags.filter_map(|tag| Some(Facet::Tag(&tag.key, tag.value.as_deref()?)));
    let mut facets: Vec<Facet<'_>> = tags.collect();
    facets.extend(match (filter.resource_group_id.as_deref(), share) {
        (Some(id), Some(share)) => Some(Facet::ResourceGroupShare(id, share)),
        (Some(id), None) => Some(Facet::ResourceGroup(id)),
        (None, Some(share)) => Some(Facet::Share(share)),
        (None, None) => None,
    });
    facets
}

impl<'f> KeyStatement<'f> {
    /// Goes through the images of the rarest facet and looks each up in the others.
    ///
    /// Most fail by their bits already, so few are looked up.
    fn of_facets(rarest: KnownFacet, others: &[KnownFacet]) -> Self {
        let bits = others.iter().map(|facet| facet_bit(facet.facet_key));
        let bits = bits.fold(0, |bits, bit| bits | bit);
        let mut statement = Self {
            sql: "SELECT image_key FROM image_facets AS i
                  WHERE facet_key = ? AND facet_bits & ? = ?"
                .to_owned(),
            values: vec![rarest.facet_key.into(), bits.into(), bits.into()],
        };
        for facet in others {
            statement.sql.push_str(
                " AND EXISTS (SELECT 1 FROM image_facets AS f WHERE f.facet_key = ?
                     AND f.newest_first = i.newest_first AND f.image_id = i.image_id)",
            );
            statement.values.push(facet.facet_key.into());
        }
        statement
    }

    /// Goes through the images of every tag of a key, whatever its value.
    fn of_tag_key(region_id: &str, key: &str) -> Self {
        let [from, to] = tag_key_range(region_id, key);
        Self {
            sql: "SELECT image_key FROM image_facets AS i WHERE facet_key IN
                  (SELECT facet_key FROM facets WHERE term >= ? AND term < ?)"
                .to_owned(),
            values: vec![from.into(), to.into()],
        }
    }

    /// Requires a tag of each of these keys.
    fn require_tag_keys(&mut self, keys: &[&'f str]) {
        for key in keys {
            self.sql.push_str(
                " AND EXISTS (SELECT 1 FROM images AS t, json_each(t.tags) AS tag
                     WHERE t.image_key = i.image_key AND tag.value ->> 0 = ?)",
            );
            self.values
                .push(ToSqlOutput::Borrowed(ValueRef::Text(key.as_bytes())));
        }
    }

    pub(super) fn keys(&self, connection: &Connection) -> rusqlite::Result<Vec<i64>> {
        let mut select = connection.prepare_cached(&self.sql)?;
        select
            .query_map(params_from_iter(&self.values), |row| row.get(0))?
            .collect()
    }
}
