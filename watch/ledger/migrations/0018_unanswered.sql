-- The sets of each route that 1C has not answered: of those most are overdue, or none.
INSERT INTO counts SELECT 'unanswered', route, count(*) FROM sets WHERE state IN ('published', 'taken') GROUP BY route;

CREATE TRIGGER sets_asked AFTER UPDATE OF state ON sets
WHEN NEW.state IN ('published', 'taken') AND OLD.state NOT IN ('published', 'taken') BEGIN
	INSERT INTO counts VALUES ('unanswered', NEW.route, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER sets_answered AFTER UPDATE OF state ON sets
WHEN OLD.state IN ('published', 'taken') AND NEW.state NOT IN ('published', 'taken') BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'unanswered' AND name = OLD.route;
END;
CREATE TRIGGER sets_born AFTER INSERT ON sets WHEN NEW.state IN ('published', 'taken') BEGIN
	INSERT INTO counts VALUES ('unanswered', NEW.route, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER sets_gone AFTER DELETE ON sets WHEN OLD.state IN ('published', 'taken') BEGIN
	UPDATE counts SET n = n - 1 WHERE what = 'unanswered' AND name = OLD.route;
END;
