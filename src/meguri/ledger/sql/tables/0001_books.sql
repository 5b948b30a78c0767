-- The books of all municipalities: append-only, double entry, pseudonymous, whole yen.
-- Value leaves the debited account and arrives at the credited one; a balance is what arrived less what left.

CREATE TABLE ledger.municipality (
    id integer PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name_ja text NOT NULL,
    name_en text NOT NULL,
    kind text NOT NULL,
    clock_offset interval NOT NULL DEFAULT '0',
    CONSTRAINT "a municipality is real, rehearsed or a sandbox" CHECK (kind IN ('real', 'rehearsal', 'sandbox')),
    CONSTRAINT "only an invented municipality may shift its clock" CHECK (kind <> 'real' OR clock_offset = '0')
);

-- What an account is for. `outside` accounts stand for the world beyond the books and may go negative.
-- `keeps`: in which lot arriving value is held: the same lot, the takings lot (no expiry), or the fund's own lot.
CREATE TABLE ledger.role (
    name text PRIMARY KEY,
    outside boolean NOT NULL,
    opens_itself boolean NOT NULL,
    keeps text NOT NULL,
    CONSTRAINT "a role keeps the lot, the takings lot or the fund lot" CHECK (keeps IN ('lot', 'takings', 'fund'))
);

CREATE TABLE ledger.account (
    municipality_id integer NOT NULL REFERENCES ledger.municipality,
    id bigint GENERATED ALWAYS AS IDENTITY,
    owner uuid NOT NULL,
    role text NOT NULL REFERENCES ledger.role,
    PRIMARY KEY (municipality_id, id),
    UNIQUE (municipality_id, owner, role)
);

-- Money = purse kind x fund x expiry, shared by all its holders. An allowance (right, stock, ceiling) has no fund.
CREATE TABLE ledger.lot (
    municipality_id integer NOT NULL REFERENCES ledger.municipality,
    id bigint GENERATED ALWAYS AS IDENTITY,
    unit text NOT NULL,
    fund uuid,
    purse_kind uuid,
    expires_at timestamptz,
    allowed uuid,
    opening bigint,
    takings_lot bigint,
    fund_lot bigint,
    PRIMARY KEY (municipality_id, id),
    UNIQUE NULLS NOT DISTINCT (municipality_id, unit, fund, purse_kind, expires_at, allowed),
    CONSTRAINT "a lot is money or an allowance in yen or pieces" CHECK (unit IN ('money', 'yen', 'piece')),
    CONSTRAINT "money has exactly one fund and an allowance has none" CHECK ((unit = 'money') = (fund IS NOT NULL)),
    CONSTRAINT "an allowance names what it allows and money does not" CHECK ((unit = 'money') = (allowed IS NULL)),
    CONSTRAINT "only an allowance opens with an amount" CHECK (opening IS NULL OR (unit <> 'money' AND opening > 0))
);

CREATE TABLE ledger.balance (
    municipality_id integer NOT NULL,
    account_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    amount bigint NOT NULL DEFAULT 0,
    outside boolean NOT NULL,
    opened boolean NOT NULL DEFAULT false,
    PRIMARY KEY (municipality_id, account_id, lot_id),
    FOREIGN KEY (municipality_id, account_id) REFERENCES ledger.account,
    FOREIGN KEY (municipality_id, lot_id) REFERENCES ledger.lot,
    CONSTRAINT "a balance never falls below zero except outside the books" CHECK (amount >= 0 OR outside)
) WITH (fillfactor = 50);

CREATE TABLE ledger.template_leg (
    template text NOT NULL,
    version integer NOT NULL,
    debit_role text NOT NULL REFERENCES ledger.role,
    credit_role text NOT NULL REFERENCES ledger.role,
    spends boolean NOT NULL,
    PRIMARY KEY (template, version, debit_role, credit_role)
);

CREATE TABLE ledger.posting (
    municipality_id integer NOT NULL,
    id uuid NOT NULL,
    template text NOT NULL,
    template_version integer NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    by text NOT NULL,
    about jsonb NOT NULL,
    reverses uuid,
    PRIMARY KEY (municipality_id, id)
);
CREATE UNIQUE INDEX "a posting is reversed at most once" ON ledger.posting (municipality_id, reverses)
    WHERE reverses IS NOT NULL;

-- Written by one statement after its posting; the auditor proves that neither is ever without the other.
CREATE TABLE ledger.entry (
    municipality_id integer NOT NULL,
    posting_id uuid NOT NULL,
    entry_no integer NOT NULL,
    leg_no integer NOT NULL,
    debit_account bigint NOT NULL,
    debit_lot bigint NOT NULL,
    credit_account bigint NOT NULL,
    credit_lot bigint NOT NULL,
    amount bigint NOT NULL,
    effective_at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, posting_id, entry_no),
    CONSTRAINT "an entry moves a whole positive amount" CHECK (amount > 0),
    CONSTRAINT "an entry moves value somewhere else" CHECK
        ((debit_account, debit_lot) IS DISTINCT FROM (credit_account, credit_lot))
);
CREATE INDEX entry_by_debit ON ledger.entry (municipality_id, debit_account, posting_id);
CREATE INDEX entry_by_credit ON ledger.entry (municipality_id, credit_account, posting_id);

-- Made postings are remembered for ever; a time-partitioned table could not hold their keys unique, so hashes part it.
CREATE TABLE ledger.posting_key (
    municipality_id integer NOT NULL,
    key text NOT NULL,
    payload bytea,
    posting_id uuid,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (municipality_id, key),
    CONSTRAINT "a key names a posting or is closed unused" CHECK ((payload IS NULL) = (posting_id IS NULL))
) PARTITION BY HASH (key);
CREATE TABLE ledger.posting_key_0 PARTITION OF ledger.posting_key FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE ledger.posting_key_1 PARTITION OF ledger.posting_key FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE ledger.posting_key_2 PARTITION OF ledger.posting_key FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE ledger.posting_key_3 PARTITION OF ledger.posting_key FOR VALUES WITH (MODULUS 4, REMAINDER 3);
