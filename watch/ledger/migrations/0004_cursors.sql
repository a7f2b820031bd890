-- Where a fetch goes on.
CREATE TABLE cursors (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
