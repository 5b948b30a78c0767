-- Each arm of a trial whose arms are drawn, by stratum: units (a person, or all who live together) and people in it, units
-- that received anything, that paid in a shop, and the yen that came, were spent and lapsed or shrank, each less what was
-- taken back.
-- Everybody who was drawn counts in the arm of the draw, whatever they did: nobody chose an arm.
WITH members AS (
    SELECT m.programme, m.person, u.id AS unit, u.arm, u.stratum
      FROM programmes_armmember m
      JOIN programmes_armunit u ON u.id = m.unit_id
      JOIN programmes_armsdraw d ON d.id = u.draw_id
     WHERE d.municipality = %(municipality)s AND d.drawn_at < %(until)s
), purses AS (
    SELECT l.programme, CASE WHEN m.source_role IN ('wallet', 'held') THEN m.source ELSE m.target END AS account,
           CASE WHEN m.source_role IN ('wallet', 'held') THEN 1 ELSE -1 END AS sign,
           CASE WHEN m.source_role IN ('wallet', 'held') THEN m.target_role ELSE m.source_role END AS other,
           m.template IN ('expire', 'undo_expire', 'demurrage', 'undo_demurrage', 'wind_up', 'undo_wind_up') AS lapses,
           m.amount
      FROM moves m JOIN lots l USING (lot)
     WHERE (m.source_role IN ('wallet', 'held')) <> (m.target_role IN ('wallet', 'held'))
), sums AS (
    SELECT p.programme, a.owner AS person,
           sum(-p.sign * p.amount) FILTER (WHERE p.other IN ('fund', 'cash_received') AND NOT p.lapses) AS received,
           sum(p.sign * p.amount) FILTER (WHERE p.other = 'shop') AS spent,
           sum(p.sign * p.amount) FILTER (WHERE p.lapses) AS lapsed
      FROM purses p JOIN ledger.account a ON (a.municipality_id, a.id) = (%(municipality)s, p.account)
     GROUP BY p.programme, a.owner
)
SELECT o.programme, o.arm, o.stratum, count(*) AS units, sum(o.people)::bigint AS people,
       count(*) FILTER (WHERE o.received > 0) AS took_up, count(*) FILTER (WHERE o.spent > 0) AS payers,
       sum(o.received)::bigint AS received_yen, sum(o.spent)::bigint AS spent_yen, sum(o.lapsed)::bigint AS lapsed_yen
  FROM (SELECT m.programme, m.arm, m.stratum, m.unit, count(*) AS people, coalesce(sum(s.received), 0) AS received,
               coalesce(sum(s.spent), 0) AS spent, coalesce(sum(s.lapsed), 0) AS lapsed
          FROM members m LEFT JOIN sums s USING (programme, person)
         GROUP BY m.programme, m.arm, m.stratum, m.unit) o
 GROUP BY o.programme, o.arm, o.stratum
