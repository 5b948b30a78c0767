-- Every movement of money before %(until)s, seen from what the two accounts are for. All other sources read this one.
-- The lot is the one that lies, lay or will lie in a purse, because that one knows its expiry.
-- undone: the posting was reversed, or is itself a reversal.
SELECT e.posting_id, e.entry_no, e.effective_at, p.template, p.reverses IS NOT NULL OR r.id IS NOT NULL AS undone,
       d.owner AS source, d.role AS source_role, c.owner AS target, c.role AS target_role,
       l.id AS lot, l.fund, l.expires_at, f.programme_id AS programme, e.amount
  FROM ledger.entry e
  JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
  LEFT JOIN ledger.posting r ON (r.municipality_id, r.reverses) = (p.municipality_id, p.id)
                            AND r.effective_at < %(until)s
  JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
  JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
  JOIN ledger.lot l ON (l.municipality_id, l.id)
                     = (e.municipality_id, CASE WHEN c.role = 'wallet' THEN e.credit_lot ELSE e.debit_lot END)
                   AND l.unit = 'money'
  LEFT JOIN programmes_fund f ON (f.municipality, f.id) = (e.municipality_id, l.fund)
 WHERE e.municipality_id = %(municipality)s AND e.effective_at < %(until)s
