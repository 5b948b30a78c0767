-- Every till with its shop's facts; one that parties do not know has none. bit: its own place in a row of bits.
SELECT a.id AS shop, a.owner, coalesce(s.area, '') AS area, coalesce(s.trade, '') AS trade,
       coalesce(s.size_class, '') AS size_class, row_number() OVER tills AS number,
       set_bit(repeat('0', (count(*) OVER ())::integer)::varbit, row_number() OVER tills::integer - 1, 1) AS bit
  FROM ledger.account a
  LEFT JOIN parties_shop s ON (s.municipality, s.id) = (a.municipality_id, a.owner)
 WHERE a.municipality_id = %(municipality)s AND a.role = 'shop'
WINDOW tills AS (ORDER BY a.id)
