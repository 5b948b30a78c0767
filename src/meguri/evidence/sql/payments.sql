-- Payments less refunds, with the shop's facts and the holder's ward. Read by the sources about places.
SELECT m.programme, m.posting_id, m.undone, m.effective_at,
       CASE m.target_role WHEN 'shop' THEN m.source ELSE m.target END AS holder,
       CASE m.target_role WHEN 'shop' THEN m.target ELSE m.source END AS shop,
       CASE m.target_role WHEN 'shop' THEN m.amount ELSE -m.amount END AS yen,
       coalesce(s.area, '') AS area, coalesce(s.trade, '') AS trade, coalesce(s.size_class, '') AS size_class,
       CASE WHEN s.area IS NULL OR h.ward IS NULL THEN '' WHEN s.area = h.ward THEN 'own' ELSE 'other' END AS ward
  FROM moves m
  LEFT JOIN parties_shop s ON (s.municipality, s.id)
                            = (%(municipality)s, CASE m.target_role WHEN 'shop' THEN m.target ELSE m.source END)
  LEFT JOIN parties_resident h ON (h.municipality, h.id)
                                = (%(municipality)s, CASE m.target_role WHEN 'shop' THEN m.source ELSE m.target END)
 WHERE (m.source_role, m.target_role) IN (('wallet', 'shop'), ('shop', 'wallet'))
