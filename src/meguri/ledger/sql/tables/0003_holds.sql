-- Holds: money promised to a shop and not paid yet. The yen themselves are a balance of the account (id, held); this
-- table only says whose they are, until when, and which holds may still have yen left.

CREATE TABLE ledger.hold (
    municipality_id integer NOT NULL REFERENCES ledger.municipality,
    id uuid NOT NULL,
    holder uuid NOT NULL,
    posting_id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    open boolean NOT NULL DEFAULT true,
    PRIMARY KEY (municipality_id, id),
    CONSTRAINT "a hold ends after it was made" CHECK (until > made_at)
);
CREATE INDEX open_holds_by_end ON ledger.hold (municipality_id, until) WHERE open;
CREATE INDEX open_holds_by_holder ON ledger.hold (municipality_id, holder) WHERE open;
