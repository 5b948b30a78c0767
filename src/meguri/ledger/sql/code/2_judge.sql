-- The door's heart: judge a batch in its order, refuse alone what cannot be, write the rest. Order of effects: resolve
-- names, read every touched balance, judge in memory, write postings, keys, entries and each balance once.
-- Called by ledger.post only, which says how:
--   p_careful: lock the balances before they are read, and look the keys up behind the locks: exact whatever others do.
--   Otherwise hope: read without locks, take every key for new and alone, and find out while writing. A balance is written only
--   where it still lies as it was read (that is what its place says), or where there was none and still is none, and the
--   unique indexes know every key. Whoever was wrong raises, writes nothing, and is judged again with care. So both ways
--   give the same answers.
--
-- A bulk of postings whose legs take from one lot each is judged as a whole, in hope: where no balance has to give more than it
-- had in the beginning (or was opened with), no limit bites, and every order takes them all. Wherever that is not so, they are
-- walked one by one like all others. Whether a code was used, or a posting reversed, before or in the same bulk is for the
-- unique indexes to say, as with every key.
--
-- Everything is named once and then meant by its place in that list (from 1; 0 means none):
--   r_name: roles.   t_*: patterns, a template with a pair of roles.   a_*: accounts.   o_lot: lots.
--   p_*: postings. p_once: a second key, for what may be used in one posting only (a till code).
--   l_*: legs, in the order of their postings.   c_*: lots a leg may take from, in order.
--   m_*: allowances a leg also draws on, by the same amount, with the same owner's accounts `used` and `allotment`.
CREATE OR REPLACE FUNCTION ledger.judge(
    p_careful boolean, p_municipality integer, r_name text[],
    t_template text[], t_version integer[], t_debit integer[], t_credit integer[],
    a_owner uuid[], a_role integer[], o_lot bigint[],
    p_key text[], p_payload bytea[], p_id uuid[], p_effective timestamptz[], p_by text[], p_about text[],
    p_reverses uuid[], p_once text[],
    l_posting integer[], l_pattern integer[], l_debit integer[], l_credit integer[], l_credit_lot integer[],
    l_amount bigint[], l_up_to boolean[],
    c_leg integer[], c_lot integer[],
    m_leg integer[], m_account integer[], m_used integer[], m_source integer[], m_lot integer[],
    OUT status text[], OUT code text[], OUT posting uuid[], OUT recorded timestamptz[], OUT bit_leg integer[],
    OUT bit_limit integer[], OUT available bigint[],
    OUT e_posting integer[], OUT e_leg integer[], OUT e_debit_lot bigint[], OUT e_credit_lot bigint[], OUT e_amount bigint[]
) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_material = off
AS $$
#variable_conflict use_column
DECLARE
    size constant integer := cardinality(p_key);
    bulk constant integer := 32;
    none constant integer[] := array_fill(0, ARRAY[size]);
    moment timestamptz;
    a_id bigint[];
    o_known boolean[]; o_unit text[]; o_fund uuid[]; o_takings bigint[]; o_own bigint[]; o_expires timestamptz[]; o_opening bigint[];
    t_known boolean[]; t_spends boolean[]; t_settles boolean[]; t_keeps text[];
    any_from timestamptz; usual_from timestamptz;  -- what fiscal years that ended still take
    -- moves: every entry that might be written, sorted by leg. kind 0 opens an allowance, 1 limits, 2 is the leg's own
    v_leg integer[]; v_kind integer[]; v_limit integer[]; v_opening bigint[]; v_money boolean[];
    v_debit_account bigint[]; v_debit_lot bigint[]; v_credit_account bigint[]; v_credit_lot bigint[];
    v_debit integer[]; v_credit integer[];  -- the moves' two ends, as places in s_*
    s_account bigint[]; s_lot bigint[]; s_arrives boolean[]; s_outside boolean[];
    s_before bigint[]; s_amount bigint[]; s_opened_before boolean[]; s_opened boolean[]; s_place tid[];
    k_state text[]; k_posting uuid[]; used boolean[]; gone boolean[]; gone_now uuid[] := '{}';
    first_key integer[]; first_once integer[];        -- where in this batch a key is named first
    made_key integer[] := none; made_once integer[] := none;  -- and which posting was made under it
    p_pattern integer[] := none; made boolean[] := array_fill(false, ARRAY[size]);
    lost integer[]; mixed integer[];        -- legs that name an unknown lot, or would mix funds
    w_posting integer[] := '{}'; w_entry integer[] := '{}'; w_leg integer[] := '{}'; w_move integer[] := '{}'; w_amount bigint[] := '{}';
    written integer := 0; mark integer; first integer := 1; last integer; v integer := 1; begun integer; earlier integer;
    room bigint; remaining bigint; take bigint; tightest integer; moved boolean; fault text;
    plain boolean; v_take bigint[]; s_after bigint[];  -- of a bulk that is judged as a whole
BEGIN
    a_id := ledger.resolve_accounts(p_municipality, a_owner, a_role, r_name);
    SELECT * INTO o_known, o_unit, o_fund, o_takings, o_own, o_expires, o_opening
    FROM ledger.resolve_lots(p_municipality, o_lot);
    SELECT * INTO t_known, t_spends, t_settles, t_keeps
    FROM ledger.resolve_patterns(t_template, t_version, t_debit, t_credit, r_name);
    SELECT * INTO any_from, usual_from FROM ledger.year_limits(p_municipality);

    -- A spending leg passes over lots that have expired. Value arrives in the lot given, or as the role keeps it.
    SELECT array_agg(leg), array_agg(kind), array_agg(limited), array_agg(opening), array_agg(debit), array_agg(debit_lot),
           array_agg(credit), array_agg(credit_lot), array_agg(money)
    INTO v_leg, v_kind, v_limit, v_opening, v_debit_account, v_debit_lot, v_credit_account, v_credit_lot, v_money
    FROM (SELECT leg, 2 AS kind, ix AS rank, 0 AS limited, 0::bigint AS opening, a_id[l_debit[leg]] AS debit,
                 o_lot[lot] AS debit_lot, a_id[l_credit[leg]] AS credit,
                 CASE WHEN l_credit_lot[leg] > 0 THEN o_lot[l_credit_lot[leg]]
                      ELSE CASE t_keeps[l_pattern[leg]] WHEN 'takings' THEN o_takings[lot] WHEN 'fund' THEN o_own[lot]
                                                        ELSE o_lot[lot] END END AS credit_lot,
                 o_unit[lot] = 'money' AS money
          FROM unnest(c_leg, c_lot) WITH ORDINALITY AS t (leg, lot, ix)
          WHERE o_known[lot] AND a_id[l_debit[leg]] > 0 AND a_id[l_credit[leg]] > 0
            AND NOT (t_spends[l_pattern[leg]] AND o_expires[lot] <= p_effective[l_posting[leg]])
          UNION ALL
          SELECT leg, 0, ix, ix, o_opening[lot], a_id[source], o_lot[lot], a_id[account], o_lot[lot], false
          FROM unnest(m_leg, m_source, m_account, m_lot) WITH ORDINALITY AS t (leg, source, account, lot, ix)
          WHERE o_opening[lot] > 0
          UNION ALL
          SELECT leg, 1, ix, ix, 0, a_id[account], o_lot[lot], a_id[used], o_lot[lot], false
          FROM unnest(m_leg, m_account, m_used, m_lot) WITH ORDINALITY AS t (leg, account, used, lot, ix)
          WHERE o_known[lot] AND o_unit[lot] <> 'money'
          ORDER BY leg, kind, rank) AS moves;

    WITH ends AS (
        SELECT ix, false AS arrives, account, lot FROM unnest(v_debit_account, v_debit_lot) WITH ORDINALITY AS d (account, lot, ix)
        UNION ALL
        SELECT ix, true, account, lot FROM unnest(v_credit_account, v_credit_lot) WITH ORDINALITY AS c (account, lot, ix)
    ), numbered AS MATERIALIZED (
        SELECT *, dense_rank() OVER (ORDER BY account, lot)::integer AS spot FROM ends
    ), spots AS (
        SELECT account, lot, bool_or(arrives) AS arrives FROM numbered GROUP BY account, lot ORDER BY account, lot
    )
    SELECT (SELECT array_agg(spot ORDER BY ix) FROM numbered WHERE NOT arrives),
           (SELECT array_agg(spot ORDER BY ix) FROM numbered WHERE arrives),
           array_agg(account), array_agg(lot), array_agg(arrives)
    INTO v_debit, v_credit, s_account, s_lot, s_arrives FROM spots;

    SELECT * INTO s_before, s_outside, s_opened_before, s_place
    FROM ledger.read_spots(p_careful, p_municipality, s_account, s_lot, s_arrives);
    s_amount := s_before; s_opened := s_opened_before;
    moment := clock_timestamp() + (SELECT clock_offset FROM ledger.municipality WHERE id = p_municipality);
    IF p_careful THEN
        SELECT * INTO k_state, k_posting FROM ledger.known_keys(p_municipality, p_key, p_payload);
        SELECT array_agg(known <> 'new') INTO used FROM unnest((ledger.known_keys(p_municipality, p_once, p_payload)).state) AS known;
        SELECT array_agg(r IS NOT NULL AND EXISTS
                   (SELECT FROM ledger.posting p WHERE (p.municipality_id, p.reverses) = (p_municipality, r)))
        INTO gone FROM unnest(p_reverses) AS r;
        SELECT array_agg(a), array_agg(b) INTO first_key, first_once
        FROM (SELECT (min(ix) OVER (PARTITION BY key))::integer AS a, (min(ix) OVER (PARTITION BY once))::integer AS b
              FROM unnest(p_key, p_once) WITH ORDINALITY AS t (key, once, ix) ORDER BY ix) AS firsts;
    ELSE  -- every key for the only one of its kind, too
        SELECT array_agg(ix) INTO first_key FROM generate_series(1, size) AS ix;
        first_once := first_key;
        k_state := array_fill('new'::text, ARRAY[size]); k_posting := array_fill(NULL::uuid, ARRAY[size]);
        used := made; gone := made;  -- all false
    END IF;

    SELECT array_agg(leg) FILTER (WHERE wrong = 1), array_agg(leg) FILTER (WHERE wrong = 2) INTO lost, mixed
    FROM (SELECT leg, 1 AS wrong FROM unnest(c_leg, c_lot) AS t (leg, lot) WHERE NOT o_known[lot]
          UNION ALL SELECT leg, 1 FROM unnest(m_leg, m_lot) AS t (leg, lot) WHERE NOT o_known[lot] OR o_unit[lot] = 'money'
          UNION ALL SELECT leg, 1 FROM unnest(l_credit_lot) WITH ORDINALITY AS t (lot, leg) WHERE lot > 0 AND NOT o_known[lot]
          UNION ALL (SELECT generate_subscripts(l_amount, 1), 1 EXCEPT SELECT unnest(c_leg), 1)
          UNION ALL  -- who paid for a yen never changes on its way, and pieces never become yen
          SELECT leg, 2 FROM unnest(c_leg, c_lot) AS t (leg, lot)
          WHERE l_credit_lot[leg] > 0
            AND (o_unit[lot], o_fund[lot]) <> (o_unit[l_credit_lot[leg]], o_fund[l_credit_lot[leg]])) AS faults;

    code := array_fill(NULL::text, ARRAY[size]); bit_leg := none; bit_limit := none; available := none;

    plain := NOT p_careful AND size >= bulk AND lost IS NULL AND mixed IS NULL AND cardinality(c_leg) = cardinality(l_posting)
        AND cardinality(array_positions(v_kind, 2)) = cardinality(l_posting);
    IF plain THEN
        SELECT count(*) FILTER (WHERE first) = size AND bool_and(good), array_agg(pattern ORDER BY leg) FILTER (WHERE first)
        INTO plain, p_pattern
        FROM (SELECT leg, pattern, l_posting[leg - 1] IS DISTINCT FROM posting AS first,
                     amount > 0 AND t_known[pattern] AND t_debit[pattern] = a_role[debit] AND t_credit[pattern] = a_role[credit]
                     AND (l_posting[leg - 1] IS DISTINCT FROM posting OR t_template[pattern] = t_template[l_pattern[leg - 1]])
                     AND p_effective[posting] <= moment + interval '1 day' AND coalesce(p_effective[posting] >= any_from, true)
                     AND (t_settles[pattern] OR coalesce(p_effective[posting] >= usual_from, true)) AS good
              FROM unnest(l_posting, l_pattern, l_debit, l_credit, l_amount)
                   WITH ORDINALITY AS t (posting, pattern, debit, credit, amount, leg)) AS legs;
    END IF;
    IF plain THEN  -- what each move takes: its leg's amount, or what an allowance is opened with that was not before
        SELECT array_agg(CASE WHEN kind <> 0 THEN l_amount[leg] WHEN opens THEN opening ELSE 0 END ORDER BY move) INTO v_take
        FROM (SELECT move, leg, kind, opening, NOT s_opened[credit]
                     AND move = min(move) FILTER (WHERE kind = 0) OVER (PARTITION BY credit) AS opens
              FROM unnest(v_leg, v_kind, v_opening, v_credit) WITH ORDINALITY AS m (leg, kind, opening, credit, move)) AS moves;
        SELECT array_agg(after ORDER BY spot), bool_and(outside OR kept >= 0) INTO s_after, plain
        FROM (SELECT spot, sum(gives + gets)::bigint AS after, sum(gives) AS kept, s_outside[spot] AS outside
              FROM (SELECT spot, before AS gives, 0 AS gets FROM unnest(s_before) WITH ORDINALITY AS b (before, spot)
                    UNION ALL SELECT spot, -take, 0 FROM unnest(v_debit, v_take) AS d (spot, take)
                    UNION ALL SELECT spot, CASE kind WHEN 0 THEN take ELSE 0 END, CASE kind WHEN 0 THEN 0 ELSE take END
                    FROM unnest(v_credit, v_take, v_kind) AS c (spot, take, kind)) AS moves
              GROUP BY spot) AS spots;
    END IF;
    IF plain THEN
        s_amount := s_after; made := array_fill(true, ARRAY[size]);
        SELECT array_agg(opened OR spot = ANY (ARRAY(
            SELECT credit FROM unnest(v_credit, v_kind, v_take) AS m (credit, kind, take) WHERE kind = 0 AND take > 0
        )) ORDER BY spot) INTO s_opened FROM unnest(s_opened) WITH ORDINALITY AS o (opened, spot);
        SELECT array_agg(posting ORDER BY posting, entry), array_agg(entry ORDER BY posting, entry),
               array_agg(leg ORDER BY posting, entry), array_agg(move ORDER BY posting, entry),
               array_agg(take ORDER BY posting, entry), count(*)
        INTO w_posting, w_entry, w_leg, w_move, w_amount, written
        FROM (SELECT posting, move, take, row_number() OVER (PARTITION BY posting ORDER BY leg, kind = 1, move) AS entry,
                     leg - min(leg) OVER (PARTITION BY posting) + 1 AS leg
              FROM (SELECT l_posting[leg] AS posting, leg, kind, take, move
                    FROM unnest(v_leg, v_kind, v_take) WITH ORDINALITY AS m (leg, kind, take, move) WHERE take > 0) AS taken
             ) AS entries;
    END IF;
    <<judging>>
    FOR i IN CASE WHEN plain THEN size + 1 ELSE 1 END..size LOOP
        WHILE l_posting[first] < i LOOP first := first + 1; END LOOP;
        last := first - 1;
        WHILE l_posting[last + 1] = i LOOP last := last + 1; END LOOP;
        p_pattern[i] := l_pattern[first];

        earlier := made_key[first_key[i]];
        IF earlier > 0 THEN
            k_posting[i] := p_id[earlier];
            k_state[i] := CASE WHEN p_payload[i] = p_payload[earlier] THEN 'replayed' ELSE 'key_reused' END;
        END IF;
        CONTINUE WHEN k_state[i] = 'replayed';
        code[i] := CASE WHEN k_state[i] <> 'new' THEN k_state[i]
                        WHEN used[i] OR (p_once[i] IS NOT NULL AND made_once[first_once[i]] > 0) THEN 'used_once'
                        WHEN last < first THEN 'empty_posting'
                        WHEN p_effective[i] > moment + interval '1 day' THEN 'effective_in_future'
                        WHEN p_effective[i] < any_from THEN 'year_closed'
                        WHEN p_effective[i] < usual_from AND NOT t_settles[l_pattern[first]] THEN 'effective_too_early'
                        WHEN gone[i] OR p_reverses[i] = ANY (gone_now) THEN 'already_reversed' END;
        FOR l IN first..last LOOP
            EXIT WHEN code[i] IS NOT NULL;
            code[i] := CASE WHEN l_amount[l] <= 0 THEN 'amount_not_positive'
                            WHEN NOT t_known[l_pattern[l]] OR t_template[l_pattern[l]] <> t_template[l_pattern[first]]
                              OR t_debit[l_pattern[l]] <> a_role[l_debit[l]] OR t_credit[l_pattern[l]] <> a_role[l_credit[l]]
                            THEN 'template_forbids'
                            WHEN a_id[l_debit[l]] = 0 OR a_id[l_credit[l]] = 0 THEN 'unknown_account'
                            WHEN l = ANY (lost) THEN 'unknown_lot'
                            WHEN l = ANY (mixed) THEN 'funds_mixed' END;
        END LOOP;
        CONTINUE WHEN code[i] IS NOT NULL;

        mark := written; moved := false;
        FOR l IN first..last LOOP
            WHILE v_leg[v] < l LOOP v := v + 1; END LOOP;
            begun := v; room := l_amount[l]; tightest := 0;
            remaining := -1;  -- becomes what the leg's own moves still have to find, once the limits are known
            WHILE v_leg[v] = l LOOP
                IF v_kind[v] = 2 THEN
                    IF remaining < 0 THEN remaining := room; END IF;
                    take := CASE WHEN s_outside[v_debit[v]] THEN remaining ELSE least(remaining, s_amount[v_debit[v]]) END;
                    IF take > 0 THEN
                        remaining := remaining - take; moved := true;
                        s_amount[v_debit[v]] := s_amount[v_debit[v]] - take;
                        s_amount[v_credit[v]] := s_amount[v_credit[v]] + take;
                        written := written + 1;
                        w_posting[written] := i; w_entry[written] := written - mark; w_leg[written] := l - first + 1;
                        w_move[written] := v; w_amount[written] := take;
                    END IF;
                ELSIF v_kind[v] = 1 THEN
                    IF s_amount[v_debit[v]] < room THEN
                        room := s_amount[v_debit[v]]; tightest := v_limit[v];
                    END IF;
                ELSIF NOT s_opened[v_credit[v]] THEN
                    s_opened[v_credit[v]] := true;
                    s_amount[v_debit[v]] := s_amount[v_debit[v]] - v_opening[v];
                    s_amount[v_credit[v]] := s_amount[v_credit[v]] + v_opening[v];
                    written := written + 1;
                    w_posting[written] := i; w_entry[written] := written - mark; w_leg[written] := l - first + 1;
                    w_move[written] := v; w_amount[written] := v_opening[v];
                END IF;
                v := v + 1;
            END LOOP;
            IF remaining < 0 THEN remaining := room; END IF;
            take := room - remaining;
            IF take < l_amount[l] THEN
                bit_leg[i] := l - first + 1; available[i] := take;
                bit_limit[i] := CASE WHEN remaining > 0 THEN 0 ELSE tightest END;
                IF NOT l_up_to[l] THEN
                    code[i] := CASE WHEN remaining > 0 THEN 'insufficient' ELSE 'limit_reached' END;
                    EXIT;
                END IF;
            END IF;
            FOR m IN begun..CASE WHEN take = 0 THEN 0 ELSE v - 1 END LOOP
                EXIT WHEN v_kind[m] = 2;  -- the leg's own moves stand behind its limits
                CONTINUE WHEN v_kind[m] <> 1;
                s_amount[v_debit[m]] := s_amount[v_debit[m]] - take;
                s_amount[v_credit[m]] := s_amount[v_credit[m]] + take;
                written := written + 1;
                w_posting[written] := i; w_entry[written] := written - mark; w_leg[written] := l - first + 1;
                w_move[written] := m; w_amount[written] := take;
            END LOOP;
        END LOOP;
        IF code[i] IS NULL AND NOT moved THEN  -- every up-to leg found its limit at zero
            code[i] := CASE WHEN bit_limit[i] = 0 THEN 'insufficient' ELSE 'limit_reached' END;
        END IF;
        IF code[i] IS NULL THEN
            made[i] := true; made_key[first_key[i]] := i;
            IF p_once[i] IS NOT NULL THEN made_once[first_once[i]] := i; END IF;
            IF p_reverses[i] IS NOT NULL THEN gone_now := gone_now || p_reverses[i]; END IF;
            CONTINUE judging;
        END IF;
        FOR w IN REVERSE written..mark + 1 LOOP  -- a refused posting leaves no trace
            s_amount[v_debit[w_move[w]]] := s_amount[v_debit[w_move[w]]] + w_amount[w];
            s_amount[v_credit[w_move[w]]] := s_amount[v_credit[w_move[w]]] - w_amount[w];
            IF v_kind[w_move[w]] = 0 THEN s_opened[v_credit[w_move[w]]] := false; END IF;
        END LOOP;
        written := mark;
    END LOOP;

    -- In hope, a refusal may only mean that the posting was made before: then its key is known (to the books or to this
    -- very batch), or what it reverses is gone.
    IF NOT p_careful AND num_nonnulls(VARIADIC code) > 0 THEN
        IF EXISTS (SELECT FROM (SELECT unnest(p_key) UNION ALL SELECT unnest(p_once)) AS k (key)
                   WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1) OR EXISTS (
            SELECT FROM unnest(code, p_key, p_once, p_reverses) AS r (code, key, once, reverses)
            WHERE r.code IS NOT NULL
              AND (EXISTS (SELECT FROM ledger.posting_key k WHERE k.municipality_id = p_municipality AND k.key IN (r.key, r.once))
                   OR EXISTS (SELECT FROM ledger.posting p WHERE (p.municipality_id, p.reverses) = (p_municipality, r.reverses))))
        THEN
            RAISE 'a refused request was known' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;

    -- What was missing is made before the keys, as care makes it: so both take locks in one order. A zero says: touched.
    -- One that gave though nothing ever arrived would be a fault of ours: the table's own constraint stops it.
    IF array_position(s_place, NULL) IS NOT NULL THEN
        INSERT INTO ledger.balance (municipality_id, account_id, lot_id, amount, outside, opened)
        SELECT p_municipality, s.account, s.lot, s.now, s.outside, s.opened
        FROM unnest(s_account, s_lot, s_place, s_amount, s_outside, s_opened, s_arrives)
             AS s (account, lot, place, now, outside, opened, arrives)
        WHERE s.place IS NULL AND (s.arrives OR s.outside OR s.now <> 0);
    END IF;
    INSERT INTO ledger.posting (municipality_id, id, template, template_version, effective_at, recorded_at, by, about, reverses)
    SELECT p_municipality, p.id, t_template[p.pattern], t_version[p.pattern], p.effective, moment, p.by, p.about::jsonb, p.reverses
    FROM unnest(p_id, p_pattern, p_effective, p_by, p_about, p_reverses, made)
         AS p (id, pattern, effective, by, about, reverses, made)
    WHERE p.made;
    INSERT INTO ledger.posting_key (municipality_id, key, payload, posting_id, recorded_at)
    SELECT p_municipality, p.key, p.payload, p.id, moment
    FROM (SELECT * FROM unnest(p_key, p_payload, p_id, made)
          UNION ALL SELECT * FROM unnest(p_once, p_payload, p_id, made)) AS p (key, payload, id, made)
    WHERE p.made AND p.key IS NOT NULL
    ORDER BY p.key;  -- two batches that share keys meet them in one order
    INSERT INTO ledger.entry (municipality_id, posting_id, entry_no, leg_no, debit_account, debit_lot,
                              credit_account, credit_lot, amount, effective_at)
    SELECT p_municipality, p_id[w.posting], w.entry, w.leg, v_debit_account[w.move], v_debit_lot[w.move],
           v_credit_account[w.move], v_credit_lot[w.move], w.amount, p_effective[w.posting]
    FROM unnest(w_posting[:written], w_entry[:written], w_leg[:written], w_move[:written], w_amount[:written])
         AS w (posting, entry, leg, move, amount);
    UPDATE ledger.balance b SET amount = s.now, opened = s.opened
    FROM unnest(s_account, s_lot, s_place, s_before, s_amount, s_opened_before, s_opened)
         AS s (account, lot, place, before, now, opened_before, opened)
    WHERE b.ctid = s.place AND (b.account_id, b.lot_id) = (s.account, s.lot)
      AND (s.now <> s.before OR s.opened <> s.opened_before);
    GET DIAGNOSTICS mark = ROW_COUNT;
    mark := (SELECT count(*) FILTER (WHERE place IS NOT NULL) - mark
             FROM unnest(s_place, s_before, s_amount, s_opened_before, s_opened) AS s (place, before, now, opened_before, opened)
             WHERE s.now <> s.before OR s.opened <> s.opened_before);
    IF mark <> 0 THEN
        RAISE 'a balance was not where it lay: % rows not written', mark USING ERRCODE = 'serialization_failure';
    END IF;

    SELECT array_agg(CASE WHEN code IS NOT NULL THEN 'refused' WHEN made THEN 'posted' ELSE 'replayed' END),
           array_agg(CASE WHEN made THEN id WHEN code IS NULL THEN known END)
    INTO status, posting
    FROM unnest(code, made, p_id, k_posting) AS t (code, made, id, known);
    SELECT array_agg(posting), array_agg(leg), array_agg(v_debit_lot[move]), array_agg(v_credit_lot[move]), array_agg(amount)
    INTO e_posting, e_leg, e_debit_lot, e_credit_lot, e_amount
    FROM unnest(w_posting[:written], w_leg[:written], w_move[:written], w_amount[:written]) AS w (posting, leg, move, amount)
    WHERE v_kind[move] = 2 AND v_money[move];
    recorded := array_fill(moment, ARRAY[size]);
    FOR i IN 1..size LOOP  -- what was made before answers with its first verdict
        CONTINUE WHEN status[i] <> 'replayed';
        recorded[i] := coalesce((SELECT p.recorded_at FROM ledger.posting p
                                 WHERE (p.municipality_id, p.id) = (p_municipality, posting[i])), moment);
        SELECT e_posting || array_agg(i), e_leg || array_agg(e.leg_no), e_debit_lot || array_agg(e.debit_lot),
               e_credit_lot || array_agg(e.credit_lot), e_amount || array_agg(e.amount)
        INTO e_posting, e_leg, e_debit_lot, e_credit_lot, e_amount
        FROM ledger.entry e JOIN ledger.lot o ON (o.municipality_id, o.id) = (p_municipality, e.debit_lot)
        WHERE (e.municipality_id, e.posting_id) = (p_municipality, posting[i]) AND o.unit = 'money';
    END LOOP;
END $$;
