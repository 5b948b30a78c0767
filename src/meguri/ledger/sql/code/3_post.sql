-- The one door that writes: arrays in, one verdict per posting out (what the arrays mean stands with ledger.judge).
-- A batch is first judged in hope (see ledger.judge). Where somebody else was quicker, or a key was known, it is rolled
-- back to its start and judged with care; and once more, when it meets a key that another connection is just committing:
-- then the key is known. No lock is held for keys, the unique index is the judge.
CREATE OR REPLACE FUNCTION ledger.post(
    p_municipality integer, r_name text[],
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
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    FOR attempt IN 1..10 LOOP
        BEGIN
            SELECT * INTO status, code, posting, recorded, bit_leg, bit_limit, available,
                          e_posting, e_leg, e_debit_lot, e_credit_lot, e_amount
            FROM ledger.judge(
            attempt > 1, p_municipality, r_name, t_template, t_version, t_debit, t_credit, a_owner, a_role, o_lot, p_key,
            p_payload, p_id, p_effective, p_by, p_about, p_reverses, p_once, l_posting, l_pattern, l_debit,
            l_credit, l_credit_lot, l_amount, l_up_to, c_leg, c_lot, m_leg, m_account, m_used, m_source, m_lot
            );
            RETURN;
        EXCEPTION WHEN unique_violation OR serialization_failure THEN
            IF attempt = 10 THEN RAISE; END IF;
        END;
    END LOOP;
END $$;
