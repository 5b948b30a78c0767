-- How long each yen lay in a purse: first in, first out within a holder and lot. One row per programme, days and fate.
-- fate: spent; open (still there, or expired there); passed (sent on to another holder, or taken back by the town).
WITH came AS (
    SELECT programme, target AS holder, lot, expires_at, effective_at, amount, posting_id, entry_no,
           sum(amount) OVER (PARTITION BY target, lot ORDER BY effective_at, posting_id, entry_no) AS upto
      FROM moves WHERE target_role = 'wallet' AND NOT undone
), went AS (
    SELECT source AS holder, lot, effective_at, amount, template,
           sum(amount) OVER (PARTITION BY source, lot ORDER BY effective_at, posting_id, entry_no) AS upto
      FROM moves WHERE source_role = 'wallet' AND NOT undone
), met AS (  -- both are stretches on one line of yen; where they overlap, these yen came then and went then
    SELECT c.programme, c.holder, c.lot, c.posting_id, c.entry_no, c.effective_at AS came_at, c.expires_at,
           w.effective_at AS went_at,
           CASE w.template WHEN 'pay' THEN 'spent' WHEN 'expire' THEN 'open' ELSE 'passed' END AS fate,
           least(c.upto, w.upto) - greatest(c.upto - c.amount, w.upto - w.amount) AS yen
      FROM came c JOIN went w ON (w.holder, w.lot) = (c.holder, c.lot)
                             AND w.upto > c.upto - c.amount AND c.upto > w.upto - w.amount
), gone AS (
    SELECT holder, lot, posting_id, entry_no, sum(yen) AS yen FROM met GROUP BY 1, 2, 3, 4
), still AS (
    SELECT c.programme, c.effective_at AS came_at, c.expires_at,
           least(%(until)s::timestamptz, coalesce(c.expires_at, %(until)s::timestamptz)) AS went_at, 'open' AS fate,
           c.amount - coalesce(g.yen, 0) AS yen
      FROM came c LEFT JOIN gone g ON (g.holder, g.lot, g.posting_id, g.entry_no)
                                    = (c.holder, c.lot, c.posting_id, c.entry_no)
), stretches AS (
    SELECT programme, came_at, expires_at, went_at, fate, yen FROM met
    UNION ALL SELECT programme, came_at, expires_at, went_at, fate, yen FROM still WHERE yen > 0
)
SELECT programme, fate,
       greatest(0, (went_at AT TIME ZONE 'Asia/Tokyo')::date - (came_at AT TIME ZONE 'Asia/Tokyo')::date) AS days,
       coalesce(fate = 'spent' AND went_at >= expires_at - interval '14 days', false) AS in_last_days,
       sum(yen)::bigint AS yen
  FROM stretches GROUP BY 1, 2, 3, 4
