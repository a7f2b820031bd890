-- What a person must know of a held order to decide: when it was placed, where it goes, what it is of, and the cells
-- of the lines that a catalog lacks. JSON; emptied by a purge.
ALTER TABLE holds ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE dismissals ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

-- Pages of held orders, oldest first.
CREATE INDEX holds_since ON holds (since, order_id, scope);
