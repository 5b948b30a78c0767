-- Each arm of a trial whose arms are drawn, by stratum: units and people in it, people who received anything, who paid in
-- a shop, and the yen that came to all of them, were spent and lapsed or shrank, each less what was taken back.
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
SELECT m.programme, m.arm, m.stratum, count(DISTINCT m.unit) AS units, count(*) AS people,
       count(*) FILTER (WHERE s.received > 0) AS took_up, count(*) FILTER (WHERE s.spent > 0) AS payers,
       coalesce(sum(s.received), 0)::bigint AS received_yen, coalesce(sum(s.spent), 0)::bigint AS spent_yen,
       coalesce(sum(s.lapsed), 0)::bigint AS lapsed_yen
  FROM members m LEFT JOIN sums s USING (programme, person)
 GROUP BY m.programme, m.arm, m.stratum
