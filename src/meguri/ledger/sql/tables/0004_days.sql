-- Two times: what every account held, by the day on which it counts and the day on which it was written down (Japan).
-- A table of sums over the entries, filled behind the writers; every answer is right without it, only slower.

CREATE TABLE ledger.day_sum (
    municipality_id integer NOT NULL,
    account_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    effective_day date NOT NULL,
    recorded_day date NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (municipality_id, account_id, effective_day, lot_id, recorded_day),
    CONSTRAINT "a day sum says that something changed" CHECK (amount <> 0)
);

-- All that was recorded before this day has been summed.
CREATE TABLE ledger.summed (
    municipality_id integer PRIMARY KEY REFERENCES ledger.municipality,
    before_day date NOT NULL
);

-- The fiscal years that are being closed (cash only, for duties that arose by 31 March), or are closed for ever.
CREATE TABLE ledger.year_end (
    municipality_id integer NOT NULL REFERENCES ledger.municipality,
    year integer NOT NULL,
    state text NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, year, state),
    CONSTRAINT "a year is closing or closed" CHECK (state IN ('closing', 'closed'))
);

-- Rows of one time lie together, so a few bytes for each range of pages find a day; it costs a writer nothing.
CREATE INDEX posting_by_recording ON ledger.posting USING brin (recorded_at) WITH (pages_per_range = 16);
