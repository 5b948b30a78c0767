-- What has reached bank accounts, by the place of the shop; benefits paid to people's accounts stand under no place.
SELECT m.programme, t.id IS NOT NULL AS is_shop,
       CASE %(by)s WHEN 'area' THEN coalesce(s.area, '') ELSE coalesce(s.trade, '') END AS place,
       sum(CASE WHEN m.target_role = 'paid_out' THEN m.amount ELSE -m.amount END)::bigint AS yen
  FROM moves m
  LEFT JOIN ledger.account t ON (t.municipality_id, t.owner, t.role)
                              = (%(municipality)s, CASE m.target_role WHEN 'paid_out' THEN m.target ELSE m.source END, 'shop')
  LEFT JOIN parties_shop s ON (s.municipality, s.id) = (%(municipality)s, t.owner)
 WHERE 'paid_out' IN (m.source_role, m.target_role)
 GROUP BY 1, 2, 3
