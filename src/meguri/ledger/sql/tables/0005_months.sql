-- Entries lie in months from now on (ledger.turn_month). The number of a posting begins with its effective time, so a
-- range of numbers is a span of time. What is written already becomes the first part; no row is moved.

ALTER TABLE ledger.entry RENAME TO entry_open;
ALTER TABLE ledger.entry_open RENAME CONSTRAINT entry_pkey TO entry_open_pkey;
ALTER INDEX ledger.entry_by_debit RENAME TO entry_open_by_debit;
ALTER INDEX ledger.entry_by_credit RENAME TO entry_open_by_credit;
CREATE TABLE ledger.entry (
    LIKE ledger.entry_open INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (municipality_id, posting_id, entry_no)
) PARTITION BY RANGE (posting_id);
CREATE INDEX entry_by_debit ON ledger.entry (municipality_id, debit_account, posting_id);
CREATE INDEX entry_by_credit ON ledger.entry (municipality_id, credit_account, posting_id);
DROP TRIGGER IF EXISTS append_only ON ledger.entry_open;  -- the whole table's guard comes down to its parts
ALTER TABLE ledger.entry ATTACH PARTITION ledger.entry_open FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
