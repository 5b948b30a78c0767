-- Where it was spent: by area, trade, size_class or (own, other) ward; a row with in_all counts all programmes together.
WITH placed AS (
    SELECT programme, posting_id, undone, holder, shop, yen,
           CASE %(by)s WHEN 'area' THEN area WHEN 'trade' THEN trade WHEN 'size_class' THEN size_class ELSE ward END AS place
      FROM payments
), by_shop AS (
    SELECT grouping(programme) = 1 AS in_all, programme, place, shop, sum(yen)::bigint AS yen
      FROM placed GROUP BY GROUPING SETS ((programme, place, shop), (place, shop))
), largest AS (
    SELECT in_all, programme, place, max(yen) AS yen FROM by_shop GROUP BY in_all, programme, place
), summed AS (
    SELECT grouping(programme) = 1 AS in_all, programme, place, sum(yen)::bigint AS yen,
           count(DISTINCT posting_id) FILTER (WHERE NOT undone) AS payments,
           count(DISTINCT holder) FILTER (WHERE NOT undone) AS holders,
           count(DISTINCT shop) FILTER (WHERE NOT undone) AS shops
      FROM placed GROUP BY GROUPING SETS ((programme, place), (place))
)
SELECT s.in_all, s.programme, s.place, s.yen, s.payments, s.holders, s.shops, l.yen AS largest_shop_yen
  FROM summed s JOIN largest l ON (l.in_all, l.place) = (s.in_all, s.place)
                              AND l.programme IS NOT DISTINCT FROM s.programme
 ORDER BY s.in_all DESC, s.programme, s.yen DESC, s.place
