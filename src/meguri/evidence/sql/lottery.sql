-- Those who won a draw and those who lost it: how a home's weekly spending, by any means, changed since before the draw.
-- One row for each programme, stratum (how many applications), won or not, and week; without a week the whole time from the
-- draw's week on. Sums of homes of the panel only, never one home's record. Homes that reported fewer than 8 weeks
-- before the draw are entrants without a record. Won is what the draw said: who moved up later had lost it.
WITH draws AS (
    SELECT DISTINCT ON (s.programme) s.programme, s.id AS sale,
           date_trunc('week', d.drawn_at AT TIME ZONE 'Asia/Tokyo')::date AS week
      FROM vouchers_sale s JOIN vouchers_draw d ON d.sale_id = s.id
     WHERE s.municipality = %(municipality)s AND s.allocation = 'lottery' AND d.drawn_at < %(until)s
     ORDER BY s.programme, d.drawn_at
), entrants AS (
    SELECT w.programme, w.sale, w.week AS drawn, a.household AS home, count(*) AS applications,
           bool_or(a.units_drawn > 0) AS won, sum(a.units_bought) AS bought
      FROM draws w JOIN vouchers_application a ON a.sale_id = w.sale AND a.rank IS NOT NULL
     GROUP BY w.programme, w.sale, w.week, a.household
), spent AS (
    SELECT e.programme, e.home, h.week, h.inside_yen + h.outside_yen AS yen, h.week >= e.drawn AS is_after
      FROM entrants e
      JOIN evidence_householdspending h ON (h.municipality, h.household) = (%(municipality)s, e.home)
     WHERE h.week < (%(until)s::timestamptz AT TIME ZONE 'Asia/Tokyo')::date
), before AS (
    SELECT programme, home, avg(yen) AS yen FROM spent WHERE NOT is_after GROUP BY programme, home HAVING count(*) >= 8
), changes AS (
    SELECT s.programme, s.home, s.week, s.is_after, s.yen - b.yen AS change
      FROM spent s JOIN before b USING (programme, home)
), whole AS (
    SELECT programme, home, avg(change) AS change, count(*) AS weeks FROM changes WHERE is_after GROUP BY programme, home
)
SELECT e.programme, e.sale, e.drawn, NULL::date AS week, e.applications, e.won,
       count(*) AS entrants, count(w.change) AS homes, coalesce(avg(w.change), 0)::float8 AS mean,
       coalesce(var_samp(w.change), 0)::float8 AS variance,
       coalesce(avg(e.bought) FILTER (WHERE w.change IS NOT NULL), 0)::float8 AS bought,
       coalesce(avg(w.weeks), 0)::float8 AS weeks
  FROM entrants e LEFT JOIN whole w USING (programme, home)
 GROUP BY e.programme, e.sale, e.drawn, e.applications, e.won
UNION ALL
SELECT e.programme, e.sale, e.drawn, c.week, e.applications, e.won,
       count(*), count(*), avg(c.change)::float8, coalesce(var_samp(c.change), 0)::float8, 0, 1
  FROM entrants e JOIN changes c USING (programme, home)
 GROUP BY e.programme, e.sale, e.drawn, c.week, e.applications, e.won
