-- The log is written once, too.
DO $$
DECLARE
    book text;
BEGIN
    FOREACH book IN ARRAY ARRAY['sequence', 'node', 'tree_head'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_rewriting()', book);
        EXECUTE format('CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON ledger.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting()', book);
    END LOOP;
END $$;
