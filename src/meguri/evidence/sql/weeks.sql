-- The weeks in which anything was paid, by the first moment of their Monday in Japan. bit: its own place in a row of bits.
SELECT week, (week AT TIME ZONE 'Asia/Tokyo')::date AS monday,
       set_bit(repeat('0', (count(*) OVER ())::integer)::varbit, row_number() OVER (ORDER BY week)::integer - 1, 1) AS bit
  FROM (SELECT DISTINCT week FROM payments) AS paid
