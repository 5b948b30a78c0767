-- The one door that writes. Arrays in, one verdict per posting out; each posting is judged in its order and refused
-- alone. Order of effects: lock the keys, open accounts, lock every touched balance, look up keys (a later snapshot
-- than the locks), judge in memory, write postings, keys, entries and each balance once.
--
-- p_*: one element per posting; p_once: a second key, for what may be used in one posting only (a till code).
--  l_*: one per leg (l_posting: 1-based index of its posting; legs in order).
-- c_*: the lots a leg may take from, in order.  m_*: allowances a leg also draws on (the same amount).
CREATE OR REPLACE FUNCTION ledger.post(
    p_municipality integer,
    p_key text[], p_payload bytea[], p_id uuid[], p_template text[], p_version integer[], p_effective timestamptz[],
    p_by text[], p_about jsonb[], p_reverses uuid[], p_once text[],
    l_posting integer[], l_debit_owner uuid[], l_debit_role text[], l_credit_owner uuid[], l_credit_role text[],
    l_credit_lot bigint[], l_amount bigint[], l_up_to boolean[],
    c_leg integer[], c_lot bigint[],
    m_leg integer[], m_owner uuid[], m_role text[], m_lot bigint[]
) RETURNS TABLE (item integer, status text, posting uuid, recorded timestamptz, code text, leg integer,
                 owner uuid, role text, lot bigint, available bigint, taken jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz;
    -- moves: every entry that might be written. kind 0 = opening of an allowance, 1 = limit, 2 = the leg's own
    v_leg integer[]; v_kind integer[]; v_debit integer[]; v_credit integer[]; v_opening bigint[];
    v_debit_account bigint[]; v_debit_lot bigint[]; v_credit_account bigint[]; v_credit_lot bigint[];
    v_from integer[]; v_to integer[];          -- first and last move of each leg
    leg_from integer[]; leg_to integer[];      -- first and last leg of each posting
    s_account bigint[]; s_lot bigint[]; s_amount bigint[]; s_before bigint[]; s_outside boolean[]; s_opened boolean[];
    key_state text[]; first_with_key integer[]; once_used boolean[];
    used_now text[] := '{}'; fault text[]; made boolean[];
    out_posting integer[] := '{}'; out_leg integer[] := '{}'; out_move integer[] := '{}'; out_amount bigint[] := '{}';
    written integer := 0; mark integer;
    r_code text[]; r_leg integer[]; r_move integer[]; r_available bigint[];
    i integer; l integer; v integer; room bigint; remaining bigint; take bigint;
    tightest integer; moved boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(h)
    FROM (SELECT DISTINCT hashtextextended(p_municipality || ':' || k, 0) AS h FROM unnest(p_key || p_once) AS k WHERE k IS NOT NULL ORDER BY 1) AS keys;

    PERFORM ledger.open_on_touch(p_municipality,
        m_owner || m_owner || m_owner || l_debit_owner || l_credit_owner,
        m_role || array_fill('used'::text, ARRAY[cardinality(m_owner)])
               || array_fill('allotment'::text, ARRAY[cardinality(m_owner)]) || l_debit_role || l_credit_role);

    -- Resolve every possible move to accounts and lots. A spending leg passes over lots that have expired.
    WITH legs AS (
        SELECT t.ix::integer AS leg, t.*, d.id AS debit_account, c.id AS credit_account, cr.keeps, p.effective,
               tl.spends
        FROM unnest(l_posting, l_debit_owner, l_debit_role, l_credit_owner, l_credit_role, l_credit_lot)
             WITH ORDINALITY AS t (posting, debit_owner, debit_role, credit_owner, credit_role, credit_lot, ix)
        JOIN unnest(p_template, p_version, p_effective) WITH ORDINALITY AS p (template, version, effective, ix)
          ON p.ix = t.posting
        LEFT JOIN ledger.template_leg tl ON (tl.template, tl.version, tl.debit_role, tl.credit_role)
                                          = (p.template, p.version, t.debit_role, t.credit_role)
        LEFT JOIN ledger.account d ON (d.municipality_id, d.owner, d.role) = (p_municipality, t.debit_owner, t.debit_role)
        LEFT JOIN ledger.account c ON (c.municipality_id, c.owner, c.role) = (p_municipality, t.credit_owner, t.credit_role)
        LEFT JOIN ledger.role cr ON cr.name = t.credit_role
    ), own AS (
        SELECT g.leg, 2 AS kind, t.ix AS rank, g.debit_account, o.id AS debit_lot, g.credit_account,
               ledger.arriving_lot(g.keeps, o.id, o.takings_lot, o.fund_lot, g.credit_lot) AS credit_lot, NULL::bigint AS opening
        FROM unnest(c_leg, c_lot) WITH ORDINALITY AS t (leg, lot, ix)
        JOIN legs g ON g.leg = t.leg
        JOIN ledger.lot o ON (o.municipality_id, o.id) = (p_municipality, t.lot)
        WHERE NOT (coalesce(g.spends, false) AND coalesce(o.expires_at <= g.effective, false))
    ), limits AS (
        SELECT t.leg, t.ix AS rank, a.id AS allowance, u.id AS used, s.id AS source, o.id AS lot, o.opening
        FROM unnest(m_leg, m_owner, m_role, m_lot) WITH ORDINALITY AS t (leg, owner, role, lot, ix)
        JOIN ledger.lot o ON (o.municipality_id, o.id) = (p_municipality, t.lot) AND o.unit <> 'money'
        JOIN ledger.account a ON (a.municipality_id, a.owner, a.role) = (p_municipality, t.owner, t.role)
        JOIN ledger.account u ON (u.municipality_id, u.owner, u.role) = (p_municipality, t.owner, 'used')
        JOIN ledger.account s ON (s.municipality_id, s.owner, s.role) = (p_municipality, t.owner, 'allotment')
    ), moves AS (
        SELECT leg, kind, rank, debit_account, debit_lot, credit_account, credit_lot, opening
        FROM own WHERE debit_account IS NOT NULL AND credit_account IS NOT NULL
        UNION ALL SELECT leg, 0, rank, source, lot, allowance, lot, opening FROM limits WHERE opening IS NOT NULL
        UNION ALL SELECT leg, 1, rank, allowance, lot, used, lot, NULL FROM limits
    )
    SELECT array_agg(leg ORDER BY leg, kind, rank), array_agg(kind ORDER BY leg, kind, rank),
           array_agg(debit_account ORDER BY leg, kind, rank), array_agg(debit_lot ORDER BY leg, kind, rank),
           array_agg(credit_account ORDER BY leg, kind, rank), array_agg(credit_lot ORDER BY leg, kind, rank),
           array_agg(opening ORDER BY leg, kind, rank)
    INTO v_leg, v_kind, v_debit_account, v_debit_lot, v_credit_account, v_credit_lot, v_opening
    FROM moves;

    SELECT array_agg(account ORDER BY account, lot), array_agg(lot ORDER BY account, lot) INTO s_account, s_lot
    FROM (SELECT account, lot FROM unnest(v_debit_account, v_debit_lot) AS d (account, lot)
          UNION SELECT account, lot FROM unnest(v_credit_account, v_credit_lot) AS c (account, lot)) AS spots;
    SELECT k.amount, k.outside, k.opened INTO s_amount, s_outside, s_opened
    FROM ledger.lock_spots(p_municipality, s_account, s_lot) AS k;
    s_before := s_amount;
    moment := clock_timestamp() + (SELECT clock_offset FROM ledger.municipality WHERE id = p_municipality);

    WITH spots AS (SELECT * FROM unnest(s_account, s_lot) WITH ORDINALITY AS s (account, lot, ix))
    SELECT array_agg(d.ix ORDER BY m.ix), array_agg(c.ix ORDER BY m.ix) INTO v_debit, v_credit
    FROM unnest(v_debit_account, v_debit_lot, v_credit_account, v_credit_lot)
         WITH ORDINALITY AS m (debit_account, debit_lot, credit_account, credit_lot, ix)
    JOIN spots d ON (d.account, d.lot) = (m.debit_account, m.debit_lot)
    JOIN spots c ON (c.account, c.lot) = (m.credit_account, m.credit_lot);

    SELECT array_agg(f ORDER BY leg), array_agg(t ORDER BY leg) INTO v_from, v_to
    FROM (SELECT g AS leg, coalesce(min(m.ix), 1)::integer AS f, coalesce(max(m.ix), 0)::integer AS t
          FROM generate_subscripts(l_posting, 1) AS g
          LEFT JOIN unnest(v_leg) WITH ORDINALITY AS m (leg, ix) ON m.leg = g GROUP BY g) AS spans;
    SELECT array_agg(f ORDER BY posting), array_agg(t ORDER BY posting) INTO leg_from, leg_to
    FROM (SELECT g AS posting, coalesce(min(m.ix), 1)::integer AS f, coalesce(max(m.ix), 0)::integer AS t
          FROM generate_subscripts(p_key, 1) AS g
          LEFT JOIN unnest(l_posting) WITH ORDINALITY AS m (posting, ix) ON m.posting = g GROUP BY g) AS spans;

    fault := ledger.faults(p_municipality, p_template, p_version, p_effective, p_reverses, moment,
                           l_posting, l_debit_owner, l_debit_role, l_credit_owner, l_credit_role, l_credit_lot, l_amount,
                           c_leg, c_lot, m_leg, m_lot);
    SELECT array_agg(CASE WHEN k.key IS NULL THEN 'new' WHEN k.payload IS NULL THEN 'key_closed'
                          WHEN k.payload = p.payload THEN 'replayed' ELSE 'key_reused' END ORDER BY p.ix),
           array_agg(first.ix ORDER BY p.ix)
    INTO key_state, first_with_key
    FROM unnest(p_key, p_payload) WITH ORDINALITY AS p (key, payload, ix)
    LEFT JOIN ledger.posting_key k ON (k.municipality_id, k.key) = (p_municipality, p.key)
    JOIN (SELECT key, min(ix) AS ix FROM unnest(p_key) WITH ORDINALITY AS q (key, ix) GROUP BY key) AS first
      ON first.key = p.key;

    SELECT array_agg(k.key IS NOT NULL ORDER BY p.ix) INTO once_used
    FROM unnest(p_once) WITH ORDINALITY AS p (once, ix)
    LEFT JOIN ledger.posting_key k ON (k.municipality_id, k.key) = (p_municipality, p.once);

    made := array_fill(false, ARRAY[cardinality(p_key)]);
    r_code := array_fill(NULL::text, ARRAY[cardinality(p_key)]);
    r_leg := array_fill(NULL::integer, ARRAY[cardinality(p_key)]);
    r_move := r_leg; r_available := array_fill(NULL::bigint, ARRAY[cardinality(p_key)]);

    <<judge>>
    FOR i IN 1..cardinality(p_key) LOOP
        IF key_state[i] = 'new' AND first_with_key[i] < i AND made[first_with_key[i]] THEN
            key_state[i] := CASE WHEN p_payload[i] = p_payload[first_with_key[i]] THEN 'replayed' ELSE 'key_reused' END;
        END IF;
        CONTINUE WHEN key_state[i] = 'replayed';
        IF key_state[i] = 'new' AND (once_used[i] OR p_once[i] = ANY (used_now)) THEN
            key_state[i] := 'used_once';
        END IF;
        IF key_state[i] <> 'new' OR fault[i] IS NOT NULL THEN
            r_code[i] := CASE WHEN key_state[i] <> 'new' THEN key_state[i] ELSE fault[i] END;
            CONTINUE;
        END IF;
        mark := written; moved := false;
        FOR l IN leg_from[i]..leg_to[i] LOOP
            room := l_amount[l]; tightest := NULL;
            remaining := -1;  -- becomes what the leg's own moves still have to find, once the limits are known
            FOR v IN v_from[l]..v_to[l] LOOP
                IF v_kind[v] = 0 THEN
                    CONTINUE WHEN s_opened[v_credit[v]];
                    s_opened[v_credit[v]] := true;
                    take := v_opening[v];
                ELSIF v_kind[v] = 1 THEN
                    IF s_amount[v_debit[v]] < room THEN
                        room := s_amount[v_debit[v]]; tightest := v;
                    END IF;
                    CONTINUE;
                ELSE
                    IF remaining < 0 THEN remaining := room; END IF;
                    EXIT WHEN remaining = 0;
                    take := CASE WHEN s_outside[v_debit[v]] THEN remaining ELSE least(remaining, s_amount[v_debit[v]]) END;
                    CONTINUE WHEN take <= 0;
                    remaining := remaining - take; moved := true;
                END IF;
                s_amount[v_debit[v]] := s_amount[v_debit[v]] - take;
                s_amount[v_credit[v]] := s_amount[v_credit[v]] + take;
                written := written + 1;
                out_posting[written] := i; out_leg[written] := l; out_move[written] := v; out_amount[written] := take;
            END LOOP;
            IF remaining < 0 THEN remaining := room; END IF;
            IF room < l_amount[l] OR remaining > 0 THEN
                r_leg[i] := l - leg_from[i] + 1; r_move[i] := CASE WHEN remaining > 0 THEN NULL ELSE tightest END;
                r_available[i] := room - remaining;
                IF NOT l_up_to[l] THEN
                    r_code[i] := CASE WHEN remaining > 0 THEN 'insufficient' ELSE 'limit_reached' END;
                    EXIT;
                END IF;
            END IF;
            FOR v IN v_from[l]..v_to[l] LOOP
                CONTINUE WHEN v_kind[v] <> 1 OR room = remaining;
                s_amount[v_debit[v]] := s_amount[v_debit[v]] - (room - remaining);
                s_amount[v_credit[v]] := s_amount[v_credit[v]] + (room - remaining);
                written := written + 1;
                out_posting[written] := i; out_leg[written] := l; out_move[written] := v;
                out_amount[written] := room - remaining;
            END LOOP;
        END LOOP;
        IF r_code[i] IS NULL AND NOT moved THEN  -- every up-to leg found its limit at zero
            r_code[i] := CASE WHEN r_move[i] IS NULL THEN 'insufficient' ELSE 'limit_reached' END;
        END IF;
        IF r_code[i] IS NULL THEN
            made[i] := true;
            IF p_once[i] IS NOT NULL THEN used_now := used_now || p_once[i]; END IF;
            CONTINUE judge;
        END IF;
        FOR w IN REVERSE written..mark + 1 LOOP  -- a refused posting leaves no trace
            s_amount[v_debit[out_move[w]]] := s_amount[v_debit[out_move[w]]] + out_amount[w];
            s_amount[v_credit[out_move[w]]] := s_amount[v_credit[out_move[w]]] - out_amount[w];
            IF v_kind[out_move[w]] = 0 THEN s_opened[v_credit[out_move[w]]] := false; END IF;
        END LOOP;
        written := mark;
    END LOOP;

    INSERT INTO ledger.posting (municipality_id, id, template, template_version, effective_at, recorded_at, by, about, reverses)
    SELECT p_municipality, p.id, p.template, p.version, coalesce(p.effective, moment), moment, p.by, p.about, p.reverses
    FROM unnest(p_id, p_template, p_version, p_effective, p_by, p_about, p_reverses, made)
         AS p (id, template, version, effective, by, about, reverses, made)
    WHERE p.made;
    INSERT INTO ledger.posting_key (municipality_id, key, payload, posting_id, recorded_at)
    SELECT p_municipality, p.key, p.payload, p.id, moment
    FROM (SELECT * FROM unnest(p_key, p_payload, p_id, made)
          UNION ALL SELECT * FROM unnest(p_once, p_payload, p_id, made)) AS p (key, payload, id, made)
    WHERE p.made AND p.key IS NOT NULL;
    INSERT INTO ledger.entry (municipality_id, posting_id, entry_no, leg_no, debit_account, debit_lot,
                              credit_account, credit_lot, amount, effective_at)
    SELECT p_municipality, p_id[o.posting], row_number() OVER (PARTITION BY o.posting ORDER BY o.ix),
           o.leg - leg_from[o.posting] + 1, v_debit_account[o.move], v_debit_lot[o.move],
           v_credit_account[o.move], v_credit_lot[o.move], o.amount, coalesce(p_effective[o.posting], moment)
    FROM unnest(out_posting, out_leg, out_move, out_amount) WITH ORDINALITY AS o (posting, leg, move, amount, ix)
    WHERE o.ix <= written;
    UPDATE ledger.balance b SET amount = s.now, opened = s.opened
    FROM unnest(s_account, s_lot, s_before, s_amount, s_opened) AS s (account, lot, before, now, opened)
    WHERE (b.municipality_id, b.account_id, b.lot_id) = (p_municipality, s.account, s.lot)
      AND (s.now <> s.before OR s.opened <> b.opened);

    RETURN QUERY
    SELECT p.ix::integer,
           CASE WHEN p.made THEN 'posted' WHEN p.state = 'replayed' THEN 'replayed' ELSE 'refused' END,
           k.posting_id, k.recorded_at, p.code, p.leg, a.owner, a.role, v_debit_lot[p.move], p.available,
           (SELECT jsonb_agg(jsonb_build_array(e.leg_no, e.debit_lot, e.credit_lot, e.amount) ORDER BY e.entry_no)
            FROM ledger.entry e JOIN ledger.lot o ON (o.municipality_id, o.id) = (e.municipality_id, e.debit_lot)
            WHERE (e.municipality_id, e.posting_id) = (p_municipality, k.posting_id) AND o.unit = 'money')
    FROM unnest(p_key, made, key_state, r_code, r_leg, r_move, r_available)
         WITH ORDINALITY AS p (key, made, state, code, leg, move, available, ix)
    LEFT JOIN ledger.posting_key k ON (k.municipality_id, k.key) = (p_municipality, p.key)
                                   AND p.code IS NULL
    LEFT JOIN ledger.account a ON (a.municipality_id, a.id) = (p_municipality, v_debit_account[p.move])
    ORDER BY p.ix;
END $$;
