-- What has reached bank accounts, by the facts of the shop; benefits paid to people's accounts stand under no place.
SELECT l.programme, s.shop IS NOT NULL AS is_shop, coalesce(s.area, '') AS area, coalesce(s.trade, '') AS trade,
       sum(m.yen)::bigint AS yen
  FROM (SELECT lot, target AS bank, sum(amount) AS yen FROM moves WHERE target_role = 'paid_out' GROUP BY 1, 2
        UNION ALL
        SELECT lot, source, -sum(amount) FROM moves WHERE source_role = 'paid_out' GROUP BY 1, 2) m
  JOIN lots l USING (lot)
  JOIN ledger.account a ON (a.municipality_id, a.id) = (%(municipality)s, m.bank)
  LEFT JOIN shops s USING (owner)
 GROUP BY l.programme, is_shop, s.area, s.trade
