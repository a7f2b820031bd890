-- Which template a file was written by: the layout's hash.
ALTER TABLE outputs ADD COLUMN template TEXT NOT NULL DEFAULT '';

CREATE INDEX outputs_layout ON outputs (layout, set_id);
