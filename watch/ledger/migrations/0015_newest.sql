-- The newest files of a state, and of all states.
CREATE INDEX files_state ON files (state, seen);
CREATE INDEX files_seen ON files (seen);

-- What a purge has not emptied yet, by age.
CREATE INDEX orders_facts ON orders (exported) WHERE length(facts) > 0;
CREATE INDEX files_reason ON files (ended) WHERE reason <> '';
CREATE INDEX sets_text ON sets (changed) WHERE text <> '';
CREATE INDEX members_text ON members (set_id) WHERE text <> '';

-- The sets that 1C has not answered, by age.
CREATE INDEX sets_unanswered ON sets (route, published) WHERE state IN ('published', 'taken');

-- When 1C fetched from an exchange last.
CREATE INDEX site_orders_delivered ON site_orders (exchange, delivered);
