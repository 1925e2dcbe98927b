//! How a filter is answered: by one facet, or by a statement that combines what narrows it most.

use std::collections::BTreeSet;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, params, params_from_iter};

use crate::domain::{ImageFilter, Sharing};
use crate::store::facets::{Facet, KnownFacet, TagTerm, Term, facet_bit};

/// The way to the images that match a filter.
#[derive(Debug)]
pub(super) enum Plan<'f> {
    /// No image has one of the facets that the filter asks for.
    Nothing,
    /// The images of one facet, and no others, match.
    Facet(KnownFacet),
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
        let mut columns = Columns::of(filter);
        let keys: Vec<&str> = tag_keys(filter).collect();
        let mut facets = facets(filter);
        if facets.is_empty() && columns.is_empty() && keys.is_empty() {
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
        let mut statement = match (columns.is_empty(), known.as_slice(), keys.as_slice()) {
            (true, [facet], []) => return Ok(Self::Facet(*facet)),
            (true, [], []) => return Ok(Self::Nothing),
            (true, [rarest, others @ ..], _) => KeyStatement::of_facets(*rarest, others),
            (true, [], [key, ..]) => KeyStatement::of_tag_key(filter.region_id.as_str(), key),
            (false, facets, _) => {
                columns.narrow(connection)?;
                columns.statement(filter.region_id.as_str(), facets)
            }
        };
        statement.require_tag_keys(&keys);
        statement.order();
        Ok(Self::Statement(statement))
    }
}

/// The tag keys that may have any value.
fn tag_keys(filter: &ImageFilter) -> impl Iterator<Item = &str> {
    let any = filter.tags.iter().filter(|tag| tag.value.is_none());
    any.map(|tag| tag.key.as_str())
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
        statement.require(others);
        statement
    }

    /// Goes through the images of every tag of a key, whatever its value.
    fn of_tag_key(region_id: &str, key: &str) -> Self {
        let [from, to] = TagTerm(region_id, key).range();
        Self {
            sql: "SELECT image_key FROM image_facets AS i WHERE facet_key IN
                  (SELECT facet_key FROM facets WHERE term >= ? AND term < ?)"
                .to_owned(),
            values: vec![from.into(), to.into()],
        }
    }

    /// Lets only images with these facets pass.
    fn require(&mut self, facets: &[KnownFacet]) {
        for facet in facets {
            self.sql.push_str(
                " AND EXISTS (SELECT 1 FROM image_facets AS f WHERE f.facet_key = ?
                     AND f.newest_first = i.newest_first AND f.image_id = i.image_id)",
            );
            self.values.push(facet.facet_key.into());
        }
    }

    /// Lets only images with a tag of each of these keys pass.
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

    fn order(&mut self) {
        self.sql.push_str(" ORDER BY i.newest_first, i.image_id");
    }

    pub(super) fn keys(&self, connection: &Connection) -> rusqlite::Result<Vec<i64>> {
        let mut select = connection.prepare_cached(&self.sql)?;
        select
            .query_map(params_from_iter(&self.values), |row| row.get(0))?
            .collect()
    }
}

/// The filters that have an index of their own, the one that narrows most first.
#[derive(Debug, Default)]
struct Columns<'f>(Vec<Column<'f>>);

/// A fixed clause, and what is bound to it.
#[derive(Debug)]
struct Column<'f> {
    clause: &'static str,
    value: ToSqlOutput<'f>,
    /// At most so many images pass, when that is known without a look.
    n_images_max: Option<usize>,
}

impl<'f> Columns<'f> {
    fn of(filter: &'f ImageFilter) -> Self {
        let mut columns = Self::default();
        let (image_ids, names) = (filter.image_ids.as_ref(), filter.image_names.as_ref());
        let n_ids = image_ids.map(BTreeSet::len);
        columns.one_of(
            "i.image_id IN (SELECT value FROM json_each(?))",
            image_ids,
            n_ids,
        );
        columns.equal(
            "i.system_snapshot_id = ?",
            filter.system_snapshot_id.as_deref(),
        );
        columns.equal("i.data_snapshot_id = ?", filter.data_snapshot_id.as_deref());
        columns.equal("i.instance_id = ?", filter.instance_id.as_deref());
        columns.one_of("i.name IN (SELECT value FROM json_each(?))", names, None);
        columns
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn equal(&mut self, clause: &'static str, value: Option<&'f str>) {
        self.0.extend(value.map(|value| Column {
            clause,
            value: ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            n_images_max: None,
        }));
    }

    fn one_of(
        &mut self,
        clause: &'static str,
        values: Option<&BTreeSet<String>>,
        n_images_max: Option<usize>,
    ) {
        self.0.extend(values.map(|values| {
            let list: serde_json::Value = values.iter().map(String::as_str).collect();
            Column {
                clause,
                value: ToSqlOutput::Owned(Value::Text(list.to_string())),
                n_images_max,
            }
        }));
    }

    /// Puts the clause first that fewest images pass.
    fn narrow(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        /// Counted no further: one that more pass does not narrow.
        const COUNTED_MAX: usize = 100;
        if self.0.len() < 2 {
            return Ok(());
        }
        let (mut first, mut fewest) = (0, COUNTED_MAX);
        for (idx, column) in self.0.iter().enumerate() {
            let n_images = match column.n_images_max {
                Some(n_images_max) => n_images_max,
                None => column.count_up_to(connection, fewest)?,
            };
            if n_images < fewest {
                (first, fewest) = (idx, n_images);
            }
        }
        self.0.swap(0, first);
        Ok(())
    }

    fn statement(self, region_id: &'f str, facets: &[KnownFacet]) -> KeyStatement<'f> {
        let mut statement = KeyStatement {
            sql: "SELECT image_key FROM images AS i WHERE".to_owned(),
            values: Vec::new(),
        };
        for column in self.0 {
            // A `+` keeps a clause from being looked up in its index: the first one leads.
            let and = if statement.values.is_empty() {
                " "
            } else {
                " AND +"
            };
            statement.sql.extend([and, column.clause]);
            statement.values.push(column.value);
        }
        statement.sql.push_str(" AND i.region_id = ?");
        let region_id = ToSqlOutput::Borrowed(ValueRef::Text(region_id.as_bytes()));
        statement.values.push(region_id);
        statement.require(facets);
        statement
    }
}

impl Column<'_> {
    fn count_up_to(&self, connection: &Connection, n_images_max: usize) -> rusqlite::Result<usize> {
        let mut count = connection.prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM images AS i WHERE {} LIMIT ?)",
            self.clause
        ))?;
        count.query_row(params![self.value, n_images_max], |row| row.get(0))
    }
}
