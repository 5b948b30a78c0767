-- How many people paid at each area, trade, size_class and (own, other) ward; in_all counts those of several programmes
-- once. A person was at a place if one of the person's shops is one of the place's.
WITH people AS (
    SELECT false AS in_all, programme, shops, own, other, elsewhere FROM visits
    UNION ALL
    SELECT true, NULL, bit_or(shops), bool_or(own), bool_or(other), bool_or(elsewhere) FROM visits GROUP BY holder
), places AS (
    SELECT 'area' AS by, area AS place, bit_or(bit) AS shops FROM shops GROUP BY area
    UNION ALL SELECT 'trade', trade, bit_or(bit) FROM shops GROUP BY trade
    UNION ALL SELECT 'size_class', size_class, bit_or(bit) FROM shops GROUP BY size_class
)
SELECT p.in_all, p.programme, t.by, t.place, count(*) AS people
  FROM people p JOIN places t ON bit_count(p.shops & t.shops) > 0 GROUP BY p.in_all, p.programme, t.by, t.place
UNION ALL
SELECT p.in_all, p.programme, 'ward', w.place, count(*)
  FROM people p JOIN (VALUES ('own'), ('other'), ('')) w (place)
    ON CASE w.place WHEN 'own' THEN p.own WHEN 'other' THEN p.other ELSE p.elsewhere END
 GROUP BY p.in_all, p.programme, w.place
