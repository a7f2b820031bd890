-- Orders of which 1C has other figures than were sent are few among all that it has fetched.
CREATE INDEX site_orders_differ ON site_orders (exchange) WHERE instr(answer, '"differs"') > 0;
