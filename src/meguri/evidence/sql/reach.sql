-- People who received, by wallet or by bank, and people who paid; in_all counts a person in several programmes once.
-- Paper notes are paid by whoever brings them, so a booklet is no person; who bought it was counted as a receiver.
-- A benefit reaches the person who is entitled to it, though a parent's wallet or account may take it.
WITH seen AS (
    SELECT DISTINCT l.programme, coalesce(e.person, a.owner) AS holder, true AS received
      FROM (SELECT DISTINCT lot, target, CASE WHEN template = 'pay_benefit' THEN posting_id END AS posting FROM moves
             WHERE source_role IN ('fund', 'cash_received') AND target_role IN ('wallet', 'payable') AND NOT undone) m
      JOIN lots l USING (lot) JOIN ledger.account a ON (a.municipality_id, a.id) = (%(municipality)s, m.target)
      LEFT JOIN benefits_entitlement e ON (e.municipality, e.posting) = (%(municipality)s, m.posting)
    UNION ALL
    SELECT p.programme, a.owner, false
      FROM visits p
      JOIN ledger.account a ON (a.municipality_id, a.id) = (%(municipality)s, p.holder)
     WHERE NOT EXISTS (SELECT FROM wallets_booklet k WHERE k.id = a.owner)
), people AS (
    SELECT holder, bool_or(received) AS received, count(*) FILTER (WHERE NOT received) AS paid FROM seen GROUP BY holder
)
SELECT false AS in_all, s.programme, count(*) FILTER (WHERE s.received) AS receivers,
       count(*) FILTER (WHERE NOT s.received) AS payers,
       count(*) FILTER (WHERE NOT s.received AND p.paid > 1) AS payers_of_several
  FROM seen s JOIN people p USING (holder) GROUP BY s.programme
UNION ALL
SELECT true, NULL, count(*) FILTER (WHERE received), count(*) FILTER (WHERE paid > 0), count(*) FILTER (WHERE paid > 1)
  FROM people
