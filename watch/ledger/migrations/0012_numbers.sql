-- The numbers under which 1C finds orders: given once, kept for ever, and the same in every file and on the
-- site. They are counted over all accounts; orders that went out under an older rule keep what they had.
CREATE TABLE numbers (
	order_id TEXT    NOT NULL,
	scope    TEXT    NOT NULL,
	number   TEXT    NOT NULL, -- as 1C got it
	value    INTEGER NOT NULL, -- of the counter; of an older number its first six digits, which some configurations make theirs of
	counted  INTEGER NOT NULL CHECK (counted IN (0, 1)),
	PRIMARY KEY (order_id, scope)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX numbers_counted ON numbers (value) WHERE counted = 1;
CREATE INDEX numbers_value ON numbers (value);

-- 1C knows an order that it has fetched by the number that it got there; the newest, where it got two.
INSERT INTO numbers SELECT order_id, scope, number, CAST(number AS INTEGER), 1 FROM site_orders
WHERE true ORDER BY delivered DESC, number ON CONFLICT DO NOTHING;
