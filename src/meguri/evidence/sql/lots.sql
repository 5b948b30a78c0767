-- What each lot of money is: whose fund, which programme, until when.
SELECT l.id AS lot, l.fund, f.programme_id AS programme, l.expires_at
  FROM ledger.lot l
  LEFT JOIN programmes_fund f ON (f.municipality, f.id) = (l.municipality_id, l.fund)
 WHERE l.municipality_id = %(municipality)s AND l.unit = 'money'
