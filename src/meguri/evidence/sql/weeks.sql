-- What moved in each week (its Monday, in Japan): issued, spent, lapsed, paid to banks. Net of what was taken back.
SELECT date_trunc('week', effective_at AT TIME ZONE 'Asia/Tokyo')::date AS week, programme,
       coalesce(sum(CASE WHEN target_role = 'wallet' AND source_role IN ('fund', 'cash_received') THEN amount
                         WHEN source_role = 'wallet' AND target_role IN ('fund', 'cash_received') AND template <> 'expire'
                         THEN -amount END), 0)::bigint AS issued_yen,
       coalesce(sum(CASE WHEN source_role = 'wallet' AND target_role = 'shop' THEN amount
                         WHEN source_role = 'shop' AND target_role = 'wallet' THEN -amount END), 0)::bigint AS spent_yen,
       coalesce(sum(amount) FILTER (WHERE template = 'expire'), 0)::bigint AS lapsed_yen,
       coalesce(sum(CASE WHEN target_role = 'paid_out' THEN amount WHEN source_role = 'paid_out' THEN -amount END), 0)::bigint
           AS banked_yen
  FROM moves GROUP BY 1, 2 ORDER BY 1, 2
