-- Each week (its Monday, in Japan) of each programme: what was paid, by how many people, at how many shops.
WITH people AS (
    SELECT v.programme, w.monday AS week, count(*) AS people
      FROM visits v JOIN weeks w ON bit_count(v.weeks & w.bit) > 0 GROUP BY v.programme, w.monday
), takings AS (
    SELECT p.programme, w.monday AS week, p.shop, sum(p.yen)::bigint AS yen, bool_or(NOT p.undone) AS counted
      FROM payments p JOIN weeks w USING (week) GROUP BY p.programme, w.monday, p.shop
)
SELECT t.programme, t.week, sum(t.yen)::bigint AS yen, coalesce(max(p.people), 0) AS people,
       count(*) FILTER (WHERE t.counted) AS shops, max(t.yen) AS largest_shop_yen
  FROM takings t LEFT JOIN people p ON p.week = t.week AND p.programme IS NOT DISTINCT FROM t.programme
 GROUP BY t.programme, t.week
