-- The edge of a sale that was first come and sold out: those who came in time and those who came too late, within so
-- many minutes of the last place that got units, and how a home's weekly spending, by any means, changed since before.
-- Rows as of the lottery, for each window, by units asked for; sums of homes of the panel only, never one home's record. Homes with
-- people on both sides are left out. Homes that reported fewer than 8 weeks before are entrants without a record.
WITH edges AS (
    SELECT DISTINCT ON (s.programme) s.programme, s.id AS sale, last.number AS last_number, last.entered_at AS at,
           date_trunc('week', last.settled_at AT TIME ZONE 'Asia/Tokyo')::date AS week
      FROM vouchers_sale s
     CROSS JOIN LATERAL (SELECT p.number, p.entered_at, p.settled_at FROM vouchers_place p
                          WHERE p.sale_id = s.id AND p.state = 'allotted' ORDER BY p.number DESC LIMIT 1) last
     WHERE s.municipality = %(municipality)s AND s.allocation = 'first_come' AND last.settled_at < %(until)s
       AND EXISTS (SELECT FROM vouchers_place p
                    WHERE p.sale_id = s.id AND p.state = 'refused' AND p.number > last.number)
       AND NOT EXISTS (SELECT FROM vouchers_place p WHERE p.sale_id = s.id AND p.state = 'waiting')
     ORDER BY s.programme, last.settled_at
), near AS (
    SELECT w.minutes, e.programme, e.sale, e.week AS drawn, p.household AS home, bool_or(p.number <= e.last_number) AS won,
           sum(p.units) AS asked, count(*) AS places, sum(coalesce(a.units_bought, 0)) AS bought
      FROM edges e CROSS JOIN (VALUES (1), (2), (5), (10)) AS w (minutes)
      JOIN vouchers_place p ON p.sale_id = e.sale
       AND p.state = CASE WHEN p.number <= e.last_number THEN 'allotted' ELSE 'refused' END
       AND p.entered_at BETWEEN e.at - w.minutes * interval '1 minute' AND e.at + w.minutes * interval '1 minute'
      LEFT JOIN vouchers_application a ON a.id = p.application_id
     GROUP BY w.minutes, e.programme, e.sale, e.week, p.household
    HAVING bool_or(p.number <= e.last_number) = bool_and(p.number <= e.last_number)
), spent AS (
    SELECT n.programme, n.home, h.week, h.inside_yen + h.outside_yen AS yen, h.week >= n.drawn AS is_after
      FROM (SELECT DISTINCT programme, home, drawn FROM near) n
      JOIN evidence_householdspending h ON (h.municipality, h.household) = (%(municipality)s, n.home)
     WHERE h.week < (%(until)s::timestamptz AT TIME ZONE 'Asia/Tokyo')::date
), before AS (
    SELECT programme, home, avg(yen) AS yen FROM spent WHERE NOT is_after GROUP BY programme, home HAVING count(*) >= 8
), whole AS (
    SELECT s.programme, s.home, avg(s.yen) AS after, avg(s.yen) - min(b.yen) AS change, min(b.yen) AS before,
           count(*) AS weeks
      FROM spent s JOIN before b USING (programme, home) WHERE s.is_after GROUP BY s.programme, s.home
)
SELECT n.minutes, n.programme, n.sale, n.drawn, NULL::date AS week, n.asked AS applications, n.won, sum(n.places) AS places,
       count(*) AS entrants, count(w.change) AS homes, coalesce(avg(w.change), 0)::float8 AS mean,
       coalesce(var_samp(w.change), 0)::float8 AS variance,
       coalesce(avg(n.bought) FILTER (WHERE w.change IS NOT NULL), 0)::float8 AS bought,
       coalesce(avg(w.weeks), 0)::float8 AS weeks, coalesce(avg(w.before), 0)::float8 AS before,
       coalesce(var_samp(w.before), 0)::float8 AS before_variance, coalesce(avg(w.after), 0)::float8 AS after
  FROM near n LEFT JOIN whole w USING (programme, home)
 GROUP BY n.minutes, n.programme, n.sale, n.drawn, n.asked, n.won
