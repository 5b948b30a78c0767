-- What is written stays written. Corrections are reversals; nothing updates or deletes.

CREATE OR REPLACE FUNCTION ledger.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: post a reversal instead', TG_TABLE_NAME;
END $$;

-- Guard these tables. A partition inherits the guard of its rows, but not the one against emptying it whole.
CREATE OR REPLACE FUNCTION ledger.guard(VARIADIC p_books text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    book regclass;
BEGIN
    FOREACH book IN ARRAY p_books::regclass[] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s
                        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
    FOR book IN SELECT unnest(p_books::regclass[]) UNION SELECT relid FROM unnest(p_books::regclass[]) AS b, pg_partition_tree(b) LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON %s
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
END $$;

SELECT ledger.guard('ledger.posting', 'ledger.entry', 'ledger.posting_key');
