-- A spot is one balance: (account, lot). These helpers find and lock the spots that a batch may touch.

-- Accounts that open themselves (allowances, their source and their sink) appear on first touch.
CREATE OR REPLACE FUNCTION ledger.open_on_touch(p_municipality integer, p_owner uuid[], p_role text[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger.account (municipality_id, owner, role)
    SELECT DISTINCT p_municipality, t.owner, t.role
    FROM unnest(p_owner, p_role) AS t (owner, role)
    JOIN ledger.role r ON r.name = t.role AND r.opens_itself
    WHERE NOT EXISTS (SELECT FROM ledger.account a
                      WHERE (a.municipality_id, a.owner, a.role) = (p_municipality, t.owner, t.role))
    ORDER BY 2, 3
    ON CONFLICT DO NOTHING
$$;

-- The lot in which value taken from `p_lot` is held once it has arrived at an account of this role.
CREATE OR REPLACE FUNCTION ledger.arriving_lot(p_keeps text, p_lot bigint, p_takings bigint, p_fund_lot bigint, p_given bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(p_given, CASE p_keeps WHEN 'takings' THEN coalesce(p_takings, p_lot)
                                          WHEN 'fund' THEN coalesce(p_fund_lot, p_lot) ELSE p_lot END)
$$;

-- Make missing balance rows, then lock all of them in one canonical order and return amounts in that order.
-- Locks come before checks: the amounts are read by the locking statement itself.
CREATE OR REPLACE FUNCTION ledger.lock_spots(
    p_municipality integer, p_account bigint[], p_lot bigint[],
    OUT amount bigint[], OUT outside boolean[], OUT opened boolean[]
) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger.balance (municipality_id, account_id, lot_id, outside)
    SELECT p_municipality, s.account, s.lot, r.outside
    FROM unnest(p_account, p_lot) AS s (account, lot)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (p_municipality, s.account)
    JOIN ledger.role r ON r.name = a.role
    WHERE NOT EXISTS (SELECT FROM ledger.balance b
                      WHERE (b.municipality_id, b.account_id, b.lot_id) = (p_municipality, s.account, s.lot))
    ORDER BY s.account, s.lot
    ON CONFLICT DO NOTHING;

    SELECT array_agg(l.amount ORDER BY l.account_id, l.lot_id), array_agg(l.outside ORDER BY l.account_id, l.lot_id),
           array_agg(l.opened ORDER BY l.account_id, l.lot_id)
    INTO amount, outside, opened
    FROM (SELECT b.*
          FROM ledger.balance b
          JOIN unnest(p_account, p_lot) AS s (account, lot)
            ON (b.municipality_id, b.account_id, b.lot_id) = (p_municipality, s.account, s.lot)
          ORDER BY b.account_id, b.lot_id
          FOR UPDATE OF b) AS l;
END $$;
