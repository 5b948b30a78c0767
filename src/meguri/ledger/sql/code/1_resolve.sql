-- Names become numbers: the accounts, lots and patterns that a batch speaks of are resolved once, each by one index probe.
-- ledger.judge, the only caller, tells the planner to probe and never to hash or scan: its guess for the length of an
-- array is wrong either way. A probe per element also keeps the elements' order, which array_agg then sees.

-- Accounts by owner and role; zero where there is none. Those that open themselves appear on first touch.
CREATE OR REPLACE FUNCTION ledger.resolve_accounts(p_municipality integer, p_owner uuid[], p_role integer[], p_roles text[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    found bigint[];
BEGIN
    FOR attempt IN 1..2 LOOP
        SELECT array_agg(coalesce(a.id, 0)) INTO found
        FROM unnest(p_owner, p_role) AS t (owner, role)
        LEFT JOIN ledger.account a ON (a.municipality_id, a.owner, a.role) = (p_municipality, t.owner, p_roles[t.role]);
        EXIT WHEN attempt = 2 OR 0 <> ALL (found);
        INSERT INTO ledger.account (municipality_id, owner, role)
        SELECT p_municipality, t.owner, r.name
        FROM unnest(p_owner, p_role, found) AS t (owner, role, id) JOIN ledger.role r ON r.name = p_roles[t.role]
        WHERE t.id = 0 AND r.opens_itself
        ORDER BY t.owner, r.name
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN found;
END $$;

-- The facts of lots that judging needs; `known` is false where there is no such lot. Without its own takings or fund
-- lot, a lot is its own.
CREATE OR REPLACE FUNCTION ledger.resolve_lots(
    p_municipality integer, p_lot bigint[], OUT known boolean[], OUT unit text[], OUT fund uuid[],
    OUT takings bigint[], OUT fund_lot bigint[], OUT expires timestamptz[], OUT opening bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT array_agg(o.id IS NOT NULL), array_agg(coalesce(o.unit, '')),
           array_agg(coalesce(o.fund, '00000000-0000-0000-0000-000000000000')),
           array_agg(coalesce(o.takings_lot, t.lot)), array_agg(coalesce(o.fund_lot, t.lot)),
           array_agg(coalesce(o.expires_at, 'infinity')), array_agg(coalesce(o.opening, 0))
    INTO known, unit, fund, takings, fund_lot, expires, opening
    FROM unnest(p_lot) AS t (lot) LEFT JOIN ledger.lot o ON (o.municipality_id, o.id) = (p_municipality, t.lot);
END $$;

-- What the templates say of a pair of roles: `known` is false where the template has no such leg.
-- It answers more than it once did. Only that older one is dropped: a payment on its way would miss what is gone.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_proc WHERE (pronamespace, proname) = ('ledger'::regnamespace, 'resolve_patterns')
               AND 'keeps' <> ALL (proargnames)) THEN
        DROP FUNCTION ledger.resolve_patterns(text[], integer[], integer[], integer[], text[]);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION ledger.resolve_patterns(
    p_template text[], p_version integer[], p_debit_role integer[], p_credit_role integer[], p_roles text[],
    OUT known boolean[], OUT spends boolean[], OUT settles boolean[], OUT keeps text[]
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT array_agg(t.template IS NOT NULL), array_agg(coalesce(t.spends, false)),
           array_agg(coalesce(t.settles_year, false)), array_agg(coalesce(c.keeps, 'lot'))
    INTO known, spends, settles, keeps
    FROM unnest(p_template, p_version, p_debit_role, p_credit_role) AS p (template, version, debit_role, credit_role)
    LEFT JOIN ledger.role c ON c.name = p_roles[p.credit_role]
    LEFT JOIN ledger.template_leg t ON (t.template, t.version, t.debit_role, t.credit_role)
                                     = (p.template, p.version, p_roles[p.debit_role], p_roles[p.credit_role]);
END $$;

-- A spot is one balance: (account, lot). Read all of them at one moment, in one canonical order (the arrays come sorted).
-- With care the missing ones where value may arrive are made first, all are locked, and the amounts are read by the
-- locking statement itself. In hope they count as empty and are made, once, with what they hold in the end (ledger.judge).
-- A spot that does not exist and gets nothing stays unmade.
-- `place` is where the row lies: a balance that somebody else writes meanwhile lies elsewhere afterwards.
CREATE OR REPLACE FUNCTION ledger.read_spots(
    p_careful boolean, p_municipality integer, p_account bigint[], p_lot bigint[], p_arrives boolean[],
    OUT amount bigint[], OUT outside boolean[], OUT opened boolean[], OUT place tid[]
) LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..2 LOOP
        IF p_careful THEN
            SELECT array_agg(coalesce(l.amount, 0)), array_agg(coalesce(l.outside, false)),
                   array_agg(coalesce(l.opened, false)), array_agg(l.ctid)
            INTO amount, outside, opened, place
            FROM unnest(p_account, p_lot) AS s (account, lot)
            LEFT JOIN LATERAL (SELECT b.amount, b.outside, b.opened, b.ctid FROM ledger.balance b
                               WHERE (b.municipality_id, b.account_id, b.lot_id) = (p_municipality, s.account, s.lot)
                               FOR UPDATE OF b) AS l ON true;
            -- Who waited for a lock saw the other rows as they were before: value that moved meanwhile, within a wallet, from
            -- the row waited for into one that was not there yet would be seen in neither. A later look finds it.
            IF array_position(place, NULL) IS NOT NULL AND EXISTS (
                SELECT FROM unnest(p_account, p_lot, p_arrives, place) AS s (account, lot, arrives, place)
                JOIN ledger.balance b ON (b.municipality_id, b.account_id, b.lot_id) = (p_municipality, s.account, s.lot)
                WHERE s.place IS NULL AND NOT s.arrives
            ) THEN
                RAISE 'a balance appeared' USING ERRCODE = 'serialization_failure';
            END IF;
        ELSE
            SELECT array_agg(coalesce(b.amount, 0)), array_agg(coalesce(b.outside, (
                       SELECT r.outside FROM ledger.account a JOIN ledger.role r ON r.name = a.role
                       WHERE (a.municipality_id, a.id) = (p_municipality, s.account)), false)),
                   array_agg(coalesce(b.opened, false)), array_agg(b.ctid)
            INTO amount, outside, opened, place
            FROM unnest(p_account, p_lot) AS s (account, lot)
            LEFT JOIN ledger.balance b ON (b.municipality_id, b.account_id, b.lot_id) = (p_municipality, s.account, s.lot);
        END IF;
        EXIT WHEN NOT p_careful OR array_position(place, NULL) IS NULL;

        INSERT INTO ledger.balance (municipality_id, account_id, lot_id, outside)
        SELECT p_municipality, s.account, s.lot, r.outside
        FROM unnest(p_account, p_lot, p_arrives, place) AS s (account, lot, arrives, place)
        LEFT JOIN ledger.account a ON (a.municipality_id, a.id) = (p_municipality, s.account)
        LEFT JOIN ledger.role r ON r.name = a.role
        WHERE s.place IS NULL AND (s.arrives OR coalesce(r.outside, false))
        ON CONFLICT DO NOTHING;
        EXIT WHEN NOT FOUND;
    END LOOP;
END $$;

-- What the books already know of these keys: `new`, `replayed` (same payload), `key_reused` or `key_closed`.
CREATE OR REPLACE FUNCTION ledger.known_keys(
    p_municipality integer, p_key text[], p_payload bytea[], OUT state text[], OUT posting uuid[]
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT array_agg(CASE WHEN k.key IS NULL THEN 'new' WHEN k.payload IS NULL THEN 'key_closed'
                          WHEN k.payload = p.payload THEN 'replayed' ELSE 'key_reused' END), array_agg(k.posting_id)
    INTO state, posting
    FROM unnest(p_key, p_payload) AS p (key, payload)
    LEFT JOIN ledger.posting_key k ON (k.municipality_id, k.key) = (p_municipality, p.key);
END $$;

-- From when on postings may be dated: anything at all, and what settles no duty of a year that ended. NULL: no limit.
CREATE OR REPLACE FUNCTION ledger.year_limits(p_municipality integer, OUT any_from timestamptz, OUT usual_from timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT make_date(max(year) FILTER (WHERE state = 'closed') + 1, 4, 1)::timestamp AT TIME ZONE 'Asia/Tokyo',
           make_date(max(year) + 1, 4, 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
    FROM ledger.year_end WHERE municipality_id = p_municipality
$$;
