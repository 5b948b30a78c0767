-- What each shop took, for concentration; a row with in_all counts all programmes together.
SELECT grouping(programme) = 1 AS in_all, programme, sum(yen)::bigint AS yen,
       count(DISTINCT posting_id) FILTER (WHERE NOT undone) AS payments
  FROM payments GROUP BY GROUPING SETS ((programme, shop), (shop))
HAVING count(*) FILTER (WHERE NOT undone) > 0
