-- Faults of form: what can be seen without knowing any balance. One code per posting, NULL where there is none.
CREATE OR REPLACE FUNCTION ledger.faults(
    p_municipality integer, p_template text[], p_version integer[], p_effective timestamptz[], p_reverses uuid[],
    p_moment timestamptz, l_posting integer[], l_debit_owner uuid[], l_debit_role text[], l_credit_owner uuid[],
    l_credit_role text[], l_credit_lot bigint[], l_amount bigint[], c_leg integer[], c_lot bigint[], m_leg integer[], m_lot bigint[]
) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH legs AS (
        SELECT * FROM unnest(l_posting, l_debit_owner, l_debit_role, l_credit_owner, l_credit_role, l_credit_lot, l_amount)
        WITH ORDINALITY AS t (posting, debit_owner, debit_role, credit_owner, credit_role, credit_lot, amount, ix)
    ), sources AS (
        SELECT t.leg, o.*, o.id IS NULL AS unknown FROM unnest(c_leg, c_lot) AS t (leg, lot)
        LEFT JOIN ledger.lot o ON (o.municipality_id, o.id) = (p_municipality, t.lot)
    ), found AS (
        SELECT g AS posting, 'empty_posting' AS code, 1 AS rank FROM generate_subscripts(p_template, 1) AS g
        WHERE NOT EXISTS (SELECT FROM legs WHERE legs.posting = g)
        UNION ALL
        SELECT posting, 'amount_not_positive', 2 FROM legs WHERE amount <= 0
        UNION ALL
        SELECT posting, 'template_forbids', 3 FROM legs
        WHERE NOT EXISTS (SELECT FROM ledger.template_leg t
                          WHERE (t.template, t.version, t.debit_role, t.credit_role)
                              = (p_template[legs.posting], p_version[legs.posting], legs.debit_role, legs.credit_role))
        UNION ALL
        SELECT posting, 'unknown_account', 4 FROM legs
        WHERE NOT EXISTS (SELECT FROM ledger.account a WHERE (a.municipality_id, a.owner, a.role)
                                                          = (p_municipality, legs.debit_owner, legs.debit_role))
           OR NOT EXISTS (SELECT FROM ledger.account a WHERE (a.municipality_id, a.owner, a.role)
                                                          = (p_municipality, legs.credit_owner, legs.credit_role))
        UNION ALL
        SELECT legs.posting, 'unknown_lot', 5 FROM legs JOIN sources ON sources.leg = legs.ix WHERE sources.unknown
        UNION ALL
        SELECT posting, 'unknown_lot', 5 FROM legs
        WHERE NOT EXISTS (SELECT FROM sources WHERE sources.leg = legs.ix)
           OR (credit_lot IS NOT NULL AND NOT EXISTS
               (SELECT FROM ledger.lot o WHERE (o.municipality_id, o.id) = (p_municipality, legs.credit_lot)))
        UNION ALL
        SELECT legs.posting, 'unknown_lot', 5 FROM legs JOIN unnest(m_leg, m_lot) AS t (leg, lot) ON t.leg = legs.ix
        WHERE NOT EXISTS (SELECT FROM ledger.lot o
                          WHERE (o.municipality_id, o.id) = (p_municipality, t.lot) AND o.unit <> 'money')
        UNION ALL  -- who paid for a yen never changes on its way, and pieces never become yen
        SELECT legs.posting, 'funds_mixed', 6 FROM legs JOIN sources s ON s.leg = legs.ix
        JOIN ledger.lot o ON (o.municipality_id, o.id) = (p_municipality, legs.credit_lot)
        WHERE (o.unit, o.fund) IS DISTINCT FROM (s.unit, s.fund)
        UNION ALL
        SELECT g, 'effective_in_future', 7 FROM generate_subscripts(p_effective, 1) AS g
        WHERE p_effective[g] > p_moment + interval '1 day'
        UNION ALL
        SELECT g, 'already_reversed', 8 FROM generate_subscripts(p_reverses, 1) AS g
        WHERE EXISTS (SELECT FROM ledger.posting p WHERE (p.municipality_id, p.reverses) = (p_municipality, p_reverses[g]))
           OR p_reverses[g] = ANY (p_reverses[:g - 1])
    )
    SELECT array_agg(worst.code ORDER BY g)
    FROM generate_subscripts(p_template, 1) AS g
    LEFT JOIN (SELECT DISTINCT ON (posting) posting, code FROM found ORDER BY posting, rank) AS worst ON worst.posting = g
$$;
