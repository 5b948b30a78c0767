-- What is written stays written. Corrections are reversals; nothing updates or deletes.

CREATE OR REPLACE FUNCTION ledger.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: post a reversal instead', TG_TABLE_NAME;
END $$;

CREATE OR REPLACE FUNCTION ledger.is_guarded(p_book regclass, p_guard text) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM pg_trigger
               WHERE (tgrelid, tgname, tgenabled, tgfoid) = (p_book, p_guard, 'O', 'ledger.refuse_rewriting'::regproc));

-- Guard these tables. A partition inherits the guard of its rows, but not the one against emptying it whole.
-- A guard that stands is left alone: to put it up anew, nobody might write meanwhile.
CREATE OR REPLACE FUNCTION ledger.guard(VARIADIC p_books text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    book regclass;
BEGIN
    FOR book IN SELECT b FROM unnest(p_books::regclass[]) AS b WHERE NOT ledger.is_guarded(b, 'append_only') LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s
                        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
    FOR book IN
        SELECT part FROM (SELECT unnest(p_books::regclass[]) UNION
                          SELECT relid FROM unnest(p_books::regclass[]) AS b, pg_partition_tree(b)) AS parts (part)
        WHERE NOT ledger.is_guarded(part, 'never_emptied')
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON %s
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
END $$;

SELECT ledger.guard('ledger.posting', 'ledger.entry', 'ledger.posting_key');
