-- What is written stays written. Corrections are reversals; nothing updates or deletes.

CREATE OR REPLACE FUNCTION ledger.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: post a reversal instead', TG_TABLE_NAME;
END $$;

-- A partition inherits the guard of its rows, but not the one against emptying it whole.
CREATE OR REPLACE FUNCTION ledger.guard_against_emptying() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    book regclass;
BEGIN
    FOR book IN WITH books AS (SELECT unnest(ARRAY['ledger.posting', 'ledger.entry', 'ledger.posting_key']::regclass[]) AS id)
                SELECT id FROM (SELECT id FROM books UNION SELECT relid FROM books, pg_partition_tree(id)) AS parts
                WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = parts.id AND g.tgname = 'never_emptied') LOOP
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
END $$;

DO $$
DECLARE
    book text;
BEGIN
    FOREACH book IN ARRAY ARRAY['posting', 'entry', 'posting_key'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
    PERFORM ledger.guard_against_emptying();
END $$;
