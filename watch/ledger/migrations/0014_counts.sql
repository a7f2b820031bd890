-- Rows by state or code: kept, so that nothing has to be counted to show how things stand. Triggers keep them in the
-- transaction of the change, whatever statement makes it.
CREATE TABLE counts (
	what TEXT    NOT NULL, -- the table
	name TEXT    NOT NULL, -- the state or code
	n    INTEGER NOT NULL,
	PRIMARY KEY (what, name)
) STRICT, WITHOUT ROWID;

INSERT INTO counts SELECT 'files', state, count(*) FROM files GROUP BY state;
INSERT INTO counts SELECT 'orders', state, count(*) FROM orders GROUP BY state;
INSERT INTO counts SELECT 'sets', state, count(*) FROM sets GROUP BY state;
INSERT INTO counts SELECT 'holds', code, count(*) FROM holds GROUP BY code;

CREATE TRIGGER files_more AFTER INSERT ON files BEGIN
	INSERT INTO counts VALUES ('files', NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER files_less AFTER DELETE ON files BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'files' AND name = OLD.state;
END;
CREATE TRIGGER files_other AFTER UPDATE OF state ON files WHEN OLD.state <> NEW.state BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'files' AND name = OLD.state;
	INSERT INTO counts VALUES ('files', NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER orders_more AFTER INSERT ON orders BEGIN
	INSERT INTO counts VALUES ('orders', NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER orders_less AFTER DELETE ON orders BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'orders' AND name = OLD.state;
END;
CREATE TRIGGER orders_other AFTER UPDATE OF state ON orders WHEN OLD.state <> NEW.state BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'orders' AND name = OLD.state;
	INSERT INTO counts VALUES ('orders', NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER sets_more AFTER INSERT ON sets BEGIN
	INSERT INTO counts VALUES ('sets', NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER sets_less AFTER DELETE ON sets BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'sets' AND name = OLD.state;
END;
CREATE TRIGGER sets_other AFTER UPDATE OF state ON sets WHEN OLD.state <> NEW.state BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'sets' AND name = OLD.state;
	INSERT INTO counts VALUES ('sets', NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER holds_more AFTER INSERT ON holds BEGIN
	INSERT INTO counts VALUES ('holds', NEW.code, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER holds_less AFTER DELETE ON holds BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'holds' AND name = OLD.code;
END;
CREATE TRIGGER holds_other AFTER UPDATE OF code ON holds WHEN OLD.code <> NEW.code BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'holds' AND name = OLD.code;
	INSERT INTO counts VALUES ('holds', NEW.code, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

DROP INDEX orders_state;
