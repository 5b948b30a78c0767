-- Yen per week (its Monday, in Japan), fund, pair of roles and template. All sums of money are added up from these rows.
SELECT l.fund, l.programme, m.source_role AS source, m.target_role AS target, m.template,
       (m.week AT TIME ZONE 'Asia/Tokyo')::date AS week, sum(m.yen)::bigint AS yen
  FROM (SELECT lot, source_role, target_role, template, week, sum(amount) AS yen
          FROM moves GROUP BY lot, source_role, target_role, template, week) m
  JOIN lots l USING (lot)
 GROUP BY l.fund, l.programme, m.source_role, m.target_role, m.template, m.week
