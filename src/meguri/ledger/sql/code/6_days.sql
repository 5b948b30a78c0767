-- Balances as of any effective moment, as known at any recorded moment.

-- Sum one recorded day, the first that has not been summed; nothing when it may still grow. A day may still grow while a
-- transaction runs that began before its end, because a posting is stamped before its transaction commits.
-- Returns the day that was summed. Called again and again by a task; a broken run is simply run again.
CREATE OR REPLACE FUNCTION ledger.sum_day(p_municipality integer) RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    shift constant interval := (SELECT clock_offset FROM ledger.municipality WHERE id = p_municipality);
    day date;
    starts timestamptz;
    ends timestamptz;
BEGIN
    INSERT INTO ledger.summed (municipality_id, before_day)
    SELECT municipality_id, (min(recorded_at) AT TIME ZONE 'Asia/Tokyo')::date FROM ledger.posting
    WHERE municipality_id = p_municipality AND NOT EXISTS (SELECT FROM ledger.summed WHERE municipality_id = p_municipality)
    GROUP BY 1 ON CONFLICT DO NOTHING;
    SELECT before_day INTO day FROM ledger.summed WHERE municipality_id = p_municipality FOR UPDATE;
    starts := day::timestamp AT TIME ZONE 'Asia/Tokyo';
    ends := (day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo';
    IF day IS NULL OR clock_timestamp() + shift < ends + interval '1 hour'
       OR EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                                                 AND xact_start + shift < ends) THEN
        RETURN NULL;
    END IF;
    INSERT INTO ledger.day_sum (municipality_id, account_id, lot_id, effective_day, recorded_day, amount)
    SELECT p_municipality, v.account, v.lot, (e.effective_at AT TIME ZONE 'Asia/Tokyo')::date, day, sum(v.amount)
    FROM ledger.posting p
    JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
    CROSS JOIN LATERAL (VALUES (e.credit_account, e.credit_lot, e.amount), (e.debit_account, e.debit_lot, -e.amount))
                       AS v (account, lot, amount)
    WHERE p.municipality_id = p_municipality AND p.recorded_at >= starts AND p.recorded_at < ends
    GROUP BY 2, 3, 4 HAVING sum(v.amount) <> 0;
    UPDATE ledger.summed SET before_day = day + 1 WHERE municipality_id = p_municipality;
    RETURN day;
END $$;

-- What these accounts (null: all) held of each lot, counting what was effective before `p_until` and recorded up to
-- `p_known`. Whole days come from the sums as far as they reach, the rest from the entries themselves.
CREATE OR REPLACE FUNCTION ledger.balances_at(
    p_municipality integer, p_account bigint[], p_until timestamptz, p_known timestamptz
) RETURNS TABLE (account_id bigint, lot_id bigint, amount bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    -- days before these lie wholly within the sums, before `p_known` and before `p_until`
    known_day constant date := least((SELECT before_day FROM ledger.summed WHERE municipality_id = p_municipality),
                                     (p_known AT TIME ZONE 'Asia/Tokyo')::date);
    until_day constant date := (p_until AT TIME ZONE 'Asia/Tokyo')::date;
    summed constant boolean := EXISTS (SELECT FROM ledger.summed WHERE municipality_id = p_municipality);
    known_from constant timestamptz := CASE WHEN summed THEN known_day::timestamp AT TIME ZONE 'Asia/Tokyo' ELSE '-infinity' END;
    until_from constant timestamptz := until_day::timestamp AT TIME ZONE 'Asia/Tokyo';
BEGIN
    RETURN QUERY
    WITH rest AS (
        SELECT e.* FROM ledger.entry e JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
        WHERE e.municipality_id = p_municipality AND e.effective_at < p_until AND p.recorded_at <= p_known
          AND (e.effective_at >= until_from OR p.recorded_at >= known_from)
          AND (p_account IS NULL OR e.credit_account = ANY (p_account) OR e.debit_account = ANY (p_account))
    ), moved AS (
        SELECT s.account_id, s.lot_id, s.amount FROM ledger.day_sum s
        WHERE summed AND s.municipality_id = p_municipality AND (p_account IS NULL OR s.account_id = ANY (p_account))
          AND s.effective_day < until_day AND s.recorded_day < known_day
        UNION ALL SELECT credit_account, credit_lot, amount FROM rest
        UNION ALL SELECT debit_account, debit_lot, -amount FROM rest
    )
    SELECT m.account_id, m.lot_id, sum(m.amount)::bigint FROM moved m
    WHERE p_account IS NULL OR m.account_id = ANY (p_account)
    GROUP BY 1, 2 HAVING sum(m.amount) <> 0;
END $$;

-- Days whose sums are not those of their entries; for a nightly check.
CREATE OR REPLACE FUNCTION ledger.wrong_day_sums(p_municipality integer)
RETURNS TABLE (account_id bigint, lot_id bigint, effective_day date, recorded_day date, summed bigint, moved bigint)
LANGUAGE sql STABLE AS $$
    WITH moved AS (
        SELECT v.account AS account_id, v.lot AS lot_id, (e.effective_at AT TIME ZONE 'Asia/Tokyo')::date AS effective_day,
               (p.recorded_at AT TIME ZONE 'Asia/Tokyo')::date AS recorded_day, sum(v.amount)::bigint AS amount
        FROM ledger.posting p
        JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
        CROSS JOIN LATERAL (VALUES (e.credit_account, e.credit_lot, e.amount), (e.debit_account, e.debit_lot, -e.amount))
                           AS v (account, lot, amount)
        WHERE p.municipality_id = p_municipality
          AND p.recorded_at < (SELECT before_day::timestamp AT TIME ZONE 'Asia/Tokyo' FROM ledger.summed
                               WHERE municipality_id = p_municipality)
        GROUP BY 1, 2, 3, 4
    )
    SELECT account_id, lot_id, effective_day, recorded_day, coalesce(s.amount, 0), coalesce(m.amount, 0)
    FROM (SELECT * FROM ledger.day_sum WHERE municipality_id = p_municipality) AS s
    FULL JOIN moved m USING (account_id, lot_id, effective_day, recorded_day)
    WHERE coalesce(s.amount, 0) <> coalesce(m.amount, 0)
$$;

-- A fiscal year begins to close, or is closed. One constraint for each municipality keeps it, so no way into the books can
-- go round it; it is made anew, for rows to come only. That needs the postings for a moment: as ledger.turn_month does, it asks
-- briefly and again, so that nobody who pays waits behind it, and gives up after some seconds.
CREATE OR REPLACE FUNCTION ledger.end_year(
    p_municipality integer, p_year integer, p_state text, p_by text, p_at timestamptz, p_settling text[]
) RETURNS void LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
DECLARE
    name constant text := format('municipality %s dates nothing into a closed fiscal year', p_municipality);
    any_from timestamptz;
    usual_from timestamptz;
BEGIN
    INSERT INTO ledger.year_end (municipality_id, year, state, by, at)
    VALUES (p_municipality, p_year, p_state, p_by, p_at) ON CONFLICT DO NOTHING;
    SELECT * INTO any_from, usual_from FROM ledger.year_limits(p_municipality);
    FOR attempt IN 1..10 LOOP
        BEGIN
            EXECUTE format('ALTER TABLE ledger.posting DROP CONSTRAINT IF EXISTS %I', name);
            EXECUTE format(
                'ALTER TABLE ledger.posting ADD CONSTRAINT %I CHECK (municipality_id <> %s OR (effective_at >= %L::timestamptz
                 AND (effective_at >= %L::timestamptz OR template = ANY (%L::text[])))) NOT VALID',
                name, p_municipality, coalesce(any_from, '-infinity'), usual_from, p_settling);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 10 THEN RAISE; END IF;
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
END $$;
