-- Entries lie in months, so that what is written and read every day stays small however long the books are.

-- The least number (UUIDv7, RFC 9562) that a posting of this moment may have.
CREATE OR REPLACE FUNCTION ledger.first_number(p_at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM p_at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Close the open part of the entries at the end of the month of `p_at`, and open a new one behind it. Nothing is moved:
-- the open part gets a bound and a name. Two days of distance, because a posting may be dated a day ahead.
-- True when a month was turned; called by a task every day and by every `migrate`, in which it usually finds nothing to do.
-- It needs the entries for itself for a moment. Whoever waits for that makes all who pay wait behind him; so it gives up
-- after a tenth of a second, and asks again a little later.
CREATE OR REPLACE FUNCTION ledger.turn_month(p_at timestamptz) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
DECLARE
    ends timestamp := date_trunc('month', (p_at AT TIME ZONE 'Asia/Tokyo') + interval '2 days') + interval '1 month';
    bound uuid := ledger.first_number(ends AT TIME ZONE 'Asia/Tokyo');
    name text := 'entry_until_' || to_char(ends, 'YYYY_MM');
BEGIN
    FOR attempt IN 1..200 LOOP
        BEGIN
            RETURN ledger.close_open_part(name, bound);
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 200 THEN RAISE; END IF;
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger.close_open_part(p_name text, p_bound uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    -- FOR VALUES FROM ('0199…') TO (MAXVALUE): where the open part begins; nothing where it begins with the first posting
    begun text := (SELECT substring(pg_get_expr(relpartbound, oid) FROM $re$FROM \('([^']*)'\)$re$)
                   FROM pg_class WHERE oid = 'ledger.entry_open'::regclass);
BEGIN
    IF begun::uuid >= p_bound THEN RETURN false; END IF;
    ALTER TABLE ledger.entry DETACH PARTITION ledger.entry_open;
    EXECUTE format('ALTER TABLE ledger.entry_open RENAME TO %I', p_name);
    EXECUTE format('ALTER TABLE ledger.entry ATTACH PARTITION ledger.%I FOR VALUES FROM (%s) TO (%L)',
                   p_name, coalesce(quote_literal(begun), 'MINVALUE'), p_bound);
    EXECUTE format('CREATE TABLE ledger.entry_open PARTITION OF ledger.entry FOR VALUES FROM (%L) TO (MAXVALUE)', p_bound);
    PERFORM ledger.guard('ledger.entry');
    RETURN true;
END $$;
