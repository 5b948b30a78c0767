-- What is written stays written. Corrections are reversals; nothing updates or deletes.

CREATE OR REPLACE FUNCTION ledger.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: post a reversal instead', TG_TABLE_NAME;
END $$;

DO $$
DECLARE
    book text;
BEGIN
    FOREACH book IN ARRAY ARRAY['posting', 'entry', 'posting_key'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_rewriting()', book);
        EXECUTE format('CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON ledger.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
END $$;
