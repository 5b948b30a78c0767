-- Names the state of what is read: it changes with every posting, shop, resident and launched programme.
SELECT (SELECT count(*) || ' ' || coalesce(max(recorded_at)::text, '') FROM ledger.posting
         WHERE municipality_id = %(municipality)s) AS postings,
       (SELECT count(*) FROM parties_shop WHERE municipality = %(municipality)s) AS shops,
       (SELECT count(*) FROM parties_resident WHERE municipality = %(municipality)s) AS residents,
       (SELECT max(launched_at)::text FROM programmes_programme WHERE municipality = %(municipality)s) AS launched
