-- The second wall. The living program works in the role meguri_program, to which no table belongs. PostgreSQL itself
-- shows that role the rows of one town only: the one that the connection has named. Who has named none sees nothing.
-- Applied by every `migrate`, after the tables and the present code; it finds its tables in the catalogue, so that none
-- can be forgotten, and touches only what is not yet as it should be. docs/decisions/0013

CREATE OR REPLACE FUNCTION public.named_municipality() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('meguri.municipality', true), '')::integer;

-- Whose key a secret opens is asked before any town can be named; who shows the secret sees that one row.
CREATE OR REPLACE FUNCTION public.key_of_hash(p_hash bytea) RETURNS SETOF public.parties_apikey LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT * FROM public.parties_apikey WHERE key_hash = p_hash;
END;

DO $$
DECLARE
    kept record;
    name constant text := 'a town sees and writes its own rows';
BEGIN
    FOR kept IN
        WITH column_of AS (
            SELECT c.oid::regclass AS book, c.relnamespace::regnamespace::text AS schema, c.relrowsecurity AS walled, a.attname AS name
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition  -- parts are reached through the whole alone
              AND c.relnamespace::regnamespace::text IN ('public', 'vault', 'ledger')
        )
        SELECT book, walled, format('%I = (SELECT public.named_municipality())', column_of.name) AS own FROM column_of
        WHERE column_of.name IN ('municipality', 'municipality_id') OR (book, column_of.name) = ('ledger.municipality'::regclass, 'id')
        UNION ALL  -- what belongs to a login is where the login is
        SELECT book, walled, 'EXISTS (SELECT FROM vault.vault_login l WHERE l.id = user_id)' FROM column_of
        WHERE (schema, column_of.name) = ('vault', 'user_id')
    LOOP
        IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = kept.book AND polname = name) THEN
            EXECUTE format('CREATE POLICY %I ON %s TO meguri_program USING (%s)', name, kept.book, kept.own);
        END IF;
        IF NOT kept.walled THEN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', kept.book);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = 'ledger.municipality'::regclass AND polcmd = 'r') THEN
        CREATE POLICY "everybody may know which towns there are" ON ledger.municipality FOR SELECT TO meguri_program USING (true);
    END IF;
END $$;

GRANT USAGE ON SCHEMA public, vault, ledger TO meguri_program;
REVOKE ALL ON ALL TABLES IN SCHEMA public, vault, ledger FROM meguri_program;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, vault TO meguri_program;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, vault TO meguri_program;
REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM meguri_program;
REVOKE UPDATE, DELETE ON vault.vault_reveallog FROM meguri_program;

-- Of the books the program may read all of its town; money, keys and their order are written by the doors alone. What it
-- writes itself moves nothing: names of accounts and lots, promises, the tree above the leaves, and sums it may forget.
DO $$
DECLARE
    found regclass;
    door regprocedure;
BEGIN
    FOR found IN SELECT oid FROM pg_class WHERE relnamespace = 'ledger'::regnamespace AND relkind IN ('r', 'p', 'v')
                                            AND NOT relispartition LOOP
        EXECUTE format('GRANT SELECT ON %s TO meguri_program', found);
    END LOOP;
    FOR door IN SELECT oid FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace
        AND proname IN ('post', 'look_up', 'number_postings', 'sum_day', 'end_year', 'turn_month') LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, pg_temp', door);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', door);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO meguri_program', door);
    END LOOP;
END $$;
ALTER VIEW ledger.leaf SET (security_invoker = true);
GRANT INSERT ON ledger.municipality, ledger.account, ledger.lot, ledger.hold, ledger.node, ledger.tree_head TO meguri_program;
GRANT UPDATE (clock_offset) ON ledger.municipality TO meguri_program;
GRANT UPDATE (open) ON ledger.hold TO meguri_program;
GRANT DELETE ON ledger.summed, ledger.day_sum TO meguri_program;
REVOKE ALL ON FUNCTION public.key_of_hash FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.key_of_hash TO meguri_program;
