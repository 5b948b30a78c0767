-- How long each yen lay in a purse: first in, first out within a holder and lot. One row per programme, days and fate.
-- fate: spent; open (still there, or expired there); passed (sent on to another holder, or taken back by the town).
-- What is open was last seen at %(until)s, or, where all of time is read, at the last movement: nobody has seen the future.
WITH last AS (
    SELECT CASE WHEN %(until)s < timestamptz '9999-01-01 00:00:00+00' THEN %(until)s ELSE max(effective_at) END AS seen
      FROM moves
), longer AS (  -- the lots into which value was extended: its holder keeps it, and it goes on lying as before
    SELECT DISTINCT m.lot, l.fund, o.purse_kind, l.expires_at FROM moves m JOIN lots l USING (lot)
      JOIN ledger.lot o ON (o.municipality_id, o.id) = (%(municipality)s, m.lot) WHERE m.template = 'extend'
), lasting AS (  -- each lot with the one in which its value ended up
    SELECT o.id AS lot, coalesce((SELECT g.lot FROM longer g WHERE (g.fund, g.purse_kind) = (o.fund, o.purse_kind)
                                     AND g.expires_at > o.expires_at ORDER BY g.expires_at DESC LIMIT 1), o.id) AS ends_in
      FROM ledger.lot o WHERE o.municipality_id = %(municipality)s AND o.unit = 'money'
), moved AS NOT MATERIALIZED (
    SELECT m.*, t.ends_in FROM moves m JOIN lasting t USING (lot) WHERE m.template NOT IN ('extend', 'undo_extend')
), came AS (
    SELECT target AS holder, ends_in AS lot, effective_at, amount, posting_id, entry_no,
           (sum(amount) OVER (PARTITION BY target, ends_in ORDER BY effective_at, posting_id, entry_no
                              ROWS UNBOUNDED PRECEDING))::bigint AS upto
      FROM moved WHERE target_role = 'wallet' AND NOT undone
), went AS (
    SELECT source AS holder, ends_in AS lot, effective_at, amount, template,
           (sum(amount) OVER (PARTITION BY source, ends_in ORDER BY effective_at, posting_id, entry_no
                              ROWS UNBOUNDED PRECEDING))::bigint AS upto
      FROM moved WHERE source_role = 'wallet' AND NOT undone
), met AS (  -- both are stretches on one line of yen; where they overlap, these yen came then and went then
    SELECT c.lot, c.effective_at AS came_at, w.effective_at AS went_at,
           CASE w.template WHEN 'pay' THEN 'spent' WHEN 'expire' THEN 'open' WHEN 'wind_up' THEN 'open' ELSE 'passed' END AS fate,
           least(c.upto, w.upto) - greatest(c.upto - c.amount, w.upto - w.amount) AS yen
      FROM came c JOIN went w ON (w.holder, w.lot) = (c.holder, c.lot)
                             AND w.upto > c.upto - c.amount AND c.upto > w.upto - w.amount
), all_gone AS (
    SELECT source AS holder, ends_in AS lot, sum(amount) AS yen
      FROM moved WHERE source_role = 'wallet' AND NOT undone GROUP BY 1, 2
), stretches AS (
    SELECT lot, came_at, went_at, fate, yen FROM met
    UNION ALL  -- what lies on the line beyond all that went is still there
    SELECT c.lot, c.effective_at, NULL, 'open', least(c.amount, c.upto - coalesce(g.yen, 0))
      FROM came c LEFT JOIN all_gone g USING (holder, lot) WHERE c.upto > coalesce(g.yen, 0)
), dated AS (
    SELECT l.programme, t.fate, t.yen, t.came_at, l.expires_at,
           coalesce(t.went_at, least(last.seen, l.expires_at)) AS went_at
      FROM stretches t JOIN lots l USING (lot) CROSS JOIN last
)
SELECT programme, fate,
       greatest(0, (went_at AT TIME ZONE 'Asia/Tokyo')::date - (came_at AT TIME ZONE 'Asia/Tokyo')::date) AS days,
       coalesce(fate = 'spent' AND went_at >= expires_at - interval '14 days', false) AS in_last_days,
       sum(yen)::bigint AS yen
  FROM dated GROUP BY 1, 2, 3, 4
