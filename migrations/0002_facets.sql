-- Counts and orders that are kept beside the images, and snapshots that hold only what has changed.
-- The facets of images that are there already are filled in by the migration's own code.

-- One row an image: the columns that filters compare, and the document that answers carry as it is.
CREATE TABLE new_images (
    -- Never used twice, so that a snapshot can tell what was added since.
    image_key INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id TEXT NOT NULL,
    region_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The creation time in seconds since 1970-01-01T00:00:00Z, negated: ascending is newest first.
    newest_first INTEGER NOT NULL,
    in_share_user INTEGER NOT NULL CHECK (in_share_user IN (0, 1)),
    system_snapshot_id TEXT,
    data_snapshot_id TEXT,
    instance_id TEXT,
    resource_group_id TEXT,
    -- The tags as a JSON list of [key, value].
    tags TEXT NOT NULL,
    document TEXT NOT NULL,
    -- What is yet to happen to the image, as JSON; NULL for most.
    timeline TEXT,
    -- Since when, by the sandbox's clock, the timeline's first step is waited for.
    waiting_since_unix_ms INTEGER NOT NULL,
    -- Listings that contained the image since then.
    n_lists INTEGER NOT NULL
) STRICT;

INSERT INTO new_images
SELECT image_key, image_id, region_id, name, -created_at_unix_s, in_share_user, system_snapshot_id,
    data_snapshot_id, instance_id, resource_group_id,
    (SELECT json_group_array(json_array(key, value)) FROM image_tags AS tag
     WHERE tag.image_key = images.image_key),
    document, timeline, waiting_since_unix_ms, n_lists
FROM images;
DROP TABLE image_tags;
DROP TABLE images;
ALTER TABLE new_images RENAME TO images;

CREATE UNIQUE INDEX images_by_id ON images (image_id);
CREATE INDEX images_by_name ON images (name);
CREATE INDEX images_by_system_snapshot ON images (system_snapshot_id);
CREATE INDEX images_by_data_snapshot ON images (data_snapshot_id);
CREATE INDEX images_by_instance ON images (instance_id);
CREATE INDEX images_by_timeline ON images (image_key) WHERE timeline IS NOT NULL;

-- A facet is what images have in common and a filter can ask for, such as a tag in a region. Facets
-- and the images that have them are kept by `src/store/facets.rs`, in the images' own transaction.
CREATE TABLE facets (
    facet_key INTEGER PRIMARY KEY,
    -- Such as `Tag cn-hangzhou 3 env=prod`.
    term TEXT NOT NULL UNIQUE,
    -- Images that have the facet; one that none has is deleted.
    n_images INTEGER NOT NULL
) STRICT;

-- The images of each facet in the order of every listing: newest first, then by id, byte for byte.
CREATE TABLE image_facets (
    facet_key INTEGER NOT NULL,
    newest_first INTEGER NOT NULL,
    image_id TEXT NOT NULL,
    image_key INTEGER NOT NULL,
    -- A bit for each facet that the image has; several facets share one, so a set bit is a maybe.
    facet_bits INTEGER NOT NULL,
    PRIMARY KEY (facet_key, newest_first, image_id)
) STRICT, WITHOUT ROWID;

-- Kept states. The one named `seed` is what a reset goes back to; its row marks a seeded database.
CREATE TABLE new_snapshots (
    name TEXT PRIMARY KEY,
    taken_at_unix_s INTEGER NOT NULL,
    -- Images with this key or a higher one were added since.
    next_image_key INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Images of a kept state that have been changed or deleted since, as they were: the columns of
-- `images`. All others are there still.
CREATE TABLE new_snapshot_images (
    snapshot_name TEXT NOT NULL REFERENCES new_snapshots (name) ON DELETE CASCADE,
    image_key INTEGER NOT NULL,
    image_id TEXT NOT NULL,
    region_id TEXT NOT NULL,
    name TEXT NOT NULL,
    newest_first INTEGER NOT NULL,
    in_share_user INTEGER NOT NULL,
    system_snapshot_id TEXT,
    data_snapshot_id TEXT,
    instance_id TEXT,
    resource_group_id TEXT,
    tags TEXT NOT NULL,
    document TEXT NOT NULL,
    timeline TEXT,
    waiting_since_unix_ms INTEGER NOT NULL,
    n_lists INTEGER NOT NULL,
    PRIMARY KEY (snapshot_name, image_key)
) STRICT, WITHOUT ROWID;

-- A snapshot of before holds all its images: to it, every image there is was added since.
INSERT INTO new_snapshots SELECT name, taken_at_unix_s, 0 FROM snapshots;
INSERT INTO new_snapshot_images
SELECT snapshot_name, image_key, image_id, region_id, name, -created_at_unix_s, in_share_user, system_snapshot_id,
    data_snapshot_id, instance_id, resource_group_id,
    (SELECT json_group_array(json_array(key, value)) FROM snapshot_tags AS tag
     WHERE tag.snapshot_name = image.snapshot_name AND tag.image_key = image.image_key),
    document, timeline, waiting_since_unix_ms, n_lists
FROM snapshot_images AS image;
DROP TABLE snapshot_tags;
DROP TABLE snapshot_images;
DROP TABLE snapshots;
ALTER TABLE new_snapshots RENAME TO snapshots;
ALTER TABLE new_snapshot_images RENAME TO snapshot_images;
