-- A balance lies in an account and a lot that the books know. It is asked for all balances that a statement makes at once; as
-- accounts and lots are there for ever, and a balance stays where it is, that is as strict as a foreign key.
CREATE OR REPLACE FUNCTION ledger.balance_is_known() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_material = off AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh f WHERE NOT EXISTS
                   (SELECT FROM ledger.account a WHERE (a.municipality_id, a.id) = (f.municipality_id, f.account_id)))
       OR EXISTS (SELECT FROM (SELECT DISTINCT municipality_id, lot_id FROM fresh) AS f WHERE NOT EXISTS
                   (SELECT FROM ledger.lot o WHERE (o.municipality_id, o.id) = (f.municipality_id, f.lot_id)))
    THEN
        RAISE 'a balance lies in a known account and lot' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    IF NOT ledger.is_guarded('ledger.balance', 'stays_where_it_is') THEN
        CREATE TRIGGER stays_where_it_is BEFORE UPDATE OF municipality_id, account_id, lot_id ON ledger.balance
            FOR EACH ROW EXECUTE FUNCTION ledger.refuse_rewriting();
        CREATE TRIGGER is_known AFTER INSERT ON ledger.balance REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION ledger.balance_is_known();
    END IF;
    FOREACH name IN ARRAY ARRAY['account', 'lot'] LOOP
        CONTINUE WHEN ledger.is_guarded(format('ledger.%I', name)::regclass, 'there_for_ever');
        EXECUTE format('CREATE TRIGGER there_for_ever BEFORE DELETE OR UPDATE OF municipality_id, id ON ledger.%I
                        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_rewriting()', name);
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting()', name);
    END LOOP;
END $$;
