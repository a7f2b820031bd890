-- Orders are counted by their state without a look at what their documents said.
CREATE INDEX orders_state ON orders (state);
