-- What each shop took of each programme, with the shop's facts; number tells shops apart and names none.
-- counted: at least one payment stands (was not refunded).
SELECT p.programme, s.number AS shop, s.area, s.trade, s.size_class, p.ward, p.yen, p.counted
  FROM (SELECT programme, shop, ward, sum(yen)::bigint AS yen, bool_or(NOT undone) AS counted
          FROM payments GROUP BY programme, shop, ward) p
  JOIN shops s USING (shop)
