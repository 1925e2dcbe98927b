-- Resources of every kind but custom images: few of each, filtered by the emulator itself.
CREATE TABLE rows (
    -- Never used twice, so that a checkpoint can tell what was added since.
    row_key INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The name of the kind's list in a fixture, such as `Instances`.
    kind TEXT NOT NULL,
    -- Empty for a resource that belongs to no region.
    region_id TEXT NOT NULL,
    -- Unique in its kind.
    id TEXT NOT NULL,
    created_at_unix_s INTEGER NOT NULL,
    -- The JSON object that answers contain as it is.
    document TEXT NOT NULL,
    -- What is yet to happen to the resource, as JSON; NULL for most.
    timeline TEXT,
    -- Since when, by the sandbox's clock, the timeline's first step waits.
    waiting_since_unix_ms INTEGER NOT NULL,
    -- Listings that contained the resource since then.
    n_lists INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX rows_by_id ON rows (kind, id);
-- The order of every listing: newest first, then by id, byte for byte.
CREATE INDEX rows_by_age ON rows (kind, created_at_unix_s DESC, id);
CREATE INDEX rows_by_timeline ON rows (row_key) WHERE timeline IS NOT NULL;

-- Rows with this key or a higher one were added since.
ALTER TABLE checkpoints ADD COLUMN next_row_key INTEGER NOT NULL DEFAULT 0;

-- Rows of a checkpoint that were changed or deleted since, as they were: the columns of `rows`.
CREATE TABLE checkpoint_rows (
    checkpoint_name TEXT NOT NULL REFERENCES checkpoints (name) ON DELETE CASCADE,
    row_key INTEGER NOT NULL,
    kind TEXT NOT NULL,
    region_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at_unix_s INTEGER NOT NULL,
    document TEXT NOT NULL,
    timeline TEXT,
    waiting_since_unix_ms INTEGER NOT NULL,
    n_lists INTEGER NOT NULL,
    PRIMARY KEY (checkpoint_name, row_key)
) STRICT, WITHOUT ROWID;
