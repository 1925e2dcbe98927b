-- The vendor's word *snapshot* is left to the vendor: our kept states are checkpoints.
ALTER TABLE snapshots RENAME TO checkpoints;
ALTER TABLE snapshot_images RENAME TO checkpoint_images;
ALTER TABLE checkpoint_images RENAME COLUMN snapshot_name TO checkpoint_name;
