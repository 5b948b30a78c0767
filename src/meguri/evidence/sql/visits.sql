-- One row for each payer and programme: in which shops (a row of bits, one for every shop), in which weeks (likewise), and
-- whether in the own ward, another, or one that is not known. Payments that were refunded do not count.
SELECT p.programme, p.holder, bit_or(s.bit) AS shops, bit_or(w.bit) AS weeks, bool_or(p.ward = 'own') AS own,
       bool_or(p.ward = 'other') AS other, bool_or(p.ward = '') AS elsewhere
  FROM payments p
  JOIN shops s USING (shop)
  JOIN weeks w USING (week)
 WHERE NOT p.undone
 GROUP BY p.programme, p.holder
