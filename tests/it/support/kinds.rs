//! Two kinds beside custom images, made for tests.

use serde_json::{Map, Value, json};
use swas_emulator::internals::{
    FixtureRow, Kind, Kinds, Regions, Resource, Row, Timeline, Timestamp,
};

pub(crate) static SERVER: Kind = Kind {
    list: "Servers",
    id: "ServerId",
    check: |fields, regions, at| check("ServerId", &fields, regions, at),
};

pub(crate) static DISK: Kind = Kind {
    list: "Disks",
    id: "DiskId",
    check: |fields, regions, at| check("DiskId", &fields, regions, at),
};

/// Both kinds, in the order of an export.
pub(crate) const KINDS: Kinds = Kinds(&[&SERVER, &DISK]);

fn check(
    id: &str,
    fields: &Map<String, Value>,
    regions: &Regions,
    at: Timestamp,
) -> Result<Row, String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let region_id = text("RegionId").ok_or("missing field `RegionId`")?;
    regions.parse(region_id)?;
    Ok(Row {
        id: text(id).ok_or("missing field of the id")?.to_owned(),
        region_id: region_id.to_owned(),
        created_at: text("CreationTime")
            .and_then(Timestamp::parse)
            .unwrap_or(at),
        document: Value::from(fields.clone()).to_string(),
    })
}

/// A resource of a kind; `second` tells when it was created.
pub(crate) fn row(kind: &'static Kind, id: &str, second: i64, name: &str) -> FixtureRow {
    let created_at = Timestamp::from_unix_s(second).unwrap();
    let document = json!({kind.id: id, "RegionId": "cn-hangzhou", "Name": name,
        "CreationTime": created_at.to_string()});
    FixtureRow {
        kind,
        row: Row {
            id: id.to_owned(),
            region_id: "cn-hangzhou".to_owned(),
            created_at,
            document: document.to_string(),
        },
        timeline: Timeline::default(),
    }
}

/// A resource of a kind that something is yet to happen to.
pub(crate) fn row_with(kind: &'static Kind, id: &str, timeline: &Value) -> Resource {
    Resource::Row(FixtureRow {
        timeline: Timeline::stored(Some(&timeline.to_string())),
        ..row(kind, id, 0, "first")
    })
}
