-- Every movement of money before %(until)s, between accounts that are known by what they are for. All others read it.
-- The lot is the one that lies, lay or will lie in a purse, because that one knows its expiry.
-- undone: the posting was reversed, or is itself a reversal.
-- template: only a payment goes from a wallet to a shop, so those postings, nearly all there are, need not be opened.
-- week: the first moment of the Monday in Japan, which has no summer time.
SELECT e.posting_id, e.entry_no, e.effective_at, e.amount,
       date_bin(interval '7 days', e.effective_at, timestamptz '2001-01-01 00:00:00+09') AS week,
       e.debit_account AS source, d.role AS source_role, e.credit_account AS target, c.role AS target_role,
       CASE WHEN c.role = 'wallet' THEN e.credit_lot ELSE e.debit_lot END AS lot,
       CASE WHEN d.role = 'wallet' AND c.role = 'shop' THEN 'pay'
            ELSE (SELECT p.template FROM ledger.posting p
                   WHERE (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)) END AS template,
       e.posting_id IN (SELECT r.reverses FROM ledger.posting r
                         WHERE r.municipality_id = %(municipality)s AND r.reverses IS NOT NULL
                           AND r.effective_at < %(until)s)
       OR e.posting_id IN (SELECT r.id FROM ledger.posting r
                            WHERE r.municipality_id = %(municipality)s AND r.reverses IS NOT NULL) AS undone
  FROM ledger.entry e
  JOIN ledger.account d ON d.municipality_id = %(municipality)s AND d.id = e.debit_account
  JOIN ledger.account c ON c.municipality_id = %(municipality)s AND c.id = e.credit_account
 WHERE e.municipality_id = %(municipality)s AND e.effective_at < %(until)s
   AND d.role NOT IN ('allotment', 'stock', 'allowance', 'used')
