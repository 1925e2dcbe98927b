-- Marks the file as one of ours ("SWAS" in ASCII); another program's database is refused.
PRAGMA application_id = 1398227283;

-- One row an image: the columns that filters compare, and the document that answers carry as it is.
CREATE TABLE images (
    image_key INTEGER PRIMARY KEY,
    image_id TEXT NOT NULL UNIQUE,
    region_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at_unix_s INTEGER NOT NULL,
    in_share_user INTEGER NOT NULL CHECK (in_share_user IN (0, 1)),
    system_snapshot_id TEXT,
    data_snapshot_id TEXT,
    instance_id TEXT,
    resource_group_id TEXT,
    document TEXT NOT NULL,
    -- What is yet to happen to the image, as JSON; NULL for most.
    timeline TEXT,
    -- Since when, by the sandbox's clock, the timeline's first step is waited for.
    waiting_since_unix_ms INTEGER NOT NULL,
    -- Listings that contained the image since then.
    n_lists INTEGER NOT NULL
) STRICT;

-- The order of every listing: newest first, then by id, byte for byte.
CREATE INDEX images_by_region ON images (region_id, created_at_unix_s DESC, image_id);
CREATE INDEX images_by_name ON images (name);
CREATE INDEX images_by_system_snapshot ON images (system_snapshot_id);
CREATE INDEX images_by_data_snapshot ON images (data_snapshot_id);
CREATE INDEX images_by_instance ON images (instance_id);
CREATE INDEX images_by_resource_group ON images (resource_group_id);
CREATE INDEX images_by_share ON images (region_id, in_share_user);
CREATE INDEX images_by_timeline ON images (image_key) WHERE timeline IS NOT NULL;

CREATE TABLE image_tags (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    image_key INTEGER NOT NULL REFERENCES images (image_key) ON DELETE CASCADE,
    PRIMARY KEY (key, value, image_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_tags_by_image ON image_tags (image_key);

-- Kept states: the columns of `images` and `image_tags` under a name. The one named `seed` is what
-- a reset goes back to; its row marks a seeded database.
CREATE TABLE snapshots (
    name TEXT PRIMARY KEY,
    taken_at_unix_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_images (
    snapshot_name TEXT NOT NULL REFERENCES snapshots (name) ON DELETE CASCADE,
    image_key INTEGER NOT NULL,
    image_id TEXT NOT NULL,
    region_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at_unix_s INTEGER NOT NULL,
    in_share_user INTEGER NOT NULL,
    system_snapshot_id TEXT,
    data_snapshot_id TEXT,
    instance_id TEXT,
    resource_group_id TEXT,
    document TEXT NOT NULL,
    timeline TEXT,
    waiting_since_unix_ms INTEGER NOT NULL,
    n_lists INTEGER NOT NULL,
    PRIMARY KEY (snapshot_name, image_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_tags (
    snapshot_name TEXT NOT NULL REFERENCES snapshots (name) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    image_key INTEGER NOT NULL,
    PRIMARY KEY (snapshot_name, image_key, key)
) STRICT, WITHOUT ROWID;
