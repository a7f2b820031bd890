-- How often the held orders have changed: what was made of them stays true until it grows.
CREATE TRIGGER holds_added AFTER INSERT ON holds BEGIN
	INSERT INTO counts VALUES ('changes', 'holds', 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER holds_removed AFTER DELETE ON holds BEGIN
	INSERT INTO counts VALUES ('changes', 'holds', 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER holds_changed AFTER UPDATE ON holds BEGIN
	INSERT INTO counts VALUES ('changes', 'holds', 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
