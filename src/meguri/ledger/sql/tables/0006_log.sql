-- The log of the postings: one gap-free order that everybody agrees on, and a Merkle tree over it (RFC 9162).

-- Which transaction wrote a posting; with it the sequencer knows that nobody can still commit one before it.
ALTER TABLE ledger.posting ADD COLUMN written_by xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX posting_by_writer ON ledger.posting (municipality_id, written_by);

-- The order itself, from 1 without a gap.
CREATE TABLE ledger.sequence (
    municipality_id integer NOT NULL,
    number bigint NOT NULL,
    posting_id uuid NOT NULL,
    marks bytea NOT NULL,
    PRIMARY KEY (municipality_id, number),
    CONSTRAINT "a posting is numbered once" UNIQUE (municipality_id, posting_id),
    CONSTRAINT "numbers begin at one" CHECK (number > 0)
);
COMMENT ON COLUMN ledger.sequence.marks IS
    'four bytes of the hash of each line of the leaf: they prove nothing, they tell an auditor which line was changed';

-- How far the sequencer has looked. `cluster`: whose transaction numbers these are; a restored copy counts anew.
CREATE TABLE ledger.sequencer (
    municipality_id integer PRIMARY KEY REFERENCES ledger.municipality,
    seen_before xid8 NOT NULL,
    cluster bigint NOT NULL
);

-- The tree: complete subtrees, by level and position; level 0 are the leaves (position = number - 1).
CREATE TABLE ledger.node (
    municipality_id integer NOT NULL,
    level smallint NOT NULL,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (municipality_id, level, position),
    CONSTRAINT "a hash has thirty-two bytes" CHECK (length(hash) = 32)
);

-- What the town has signed: at this moment the tree had this size and this root.
CREATE TABLE ledger.tree_head (
    municipality_id integer NOT NULL,
    number bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    signed_at timestamptz NOT NULL,
    origin text NOT NULL,
    public_key bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (municipality_id, number),
    CONSTRAINT "heads are numbered from one" CHECK (number > 0),
    CONSTRAINT "a head has a root and an Ed25519 signature" CHECK
        (length(root) = 32 AND length(public_key) = 32 AND length(signature) = 64)
);
CREATE INDEX tree_head_by_size ON ledger.tree_head (municipality_id, size);
