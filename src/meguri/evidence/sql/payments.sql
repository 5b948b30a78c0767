-- Payments less refunds: who (an account, no name), at which till, of which programme, in the own ward or another.
SELECT l.programme, m.holder, m.shop, m.yen, m.undone, m.week,
       CASE WHEN s.area = '' OR h.ward IS NULL THEN '' WHEN s.area = h.ward THEN 'own' ELSE 'other' END AS ward
  FROM (SELECT lot, undone, week, source AS holder, target AS shop, amount AS yen FROM moves
         WHERE source_role = 'wallet' AND target_role = 'shop'
        UNION ALL
        SELECT lot, undone, week, target, source, -amount FROM moves
         WHERE source_role = 'shop' AND target_role = 'wallet') m
  JOIN lots l USING (lot)
  JOIN shops s USING (shop)
  LEFT JOIN (SELECT a.id AS holder, r.ward FROM ledger.account a
               JOIN parties_resident r ON (r.municipality, r.id) = (a.municipality_id, a.owner)
              WHERE a.municipality_id = %(municipality)s AND a.role = 'wallet') h USING (holder)
