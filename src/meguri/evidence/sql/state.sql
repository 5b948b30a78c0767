-- Names the state of what is read: it changes with every posting, resident, confirmed worker or student, launched
-- programme, draw, settled place of a line, report of the panel, and fact of a shop.
SELECT (SELECT count(*) || ' ' || coalesce(max(recorded_at)::text, '') FROM ledger.posting
         WHERE municipality_id = %(municipality)s) AS postings,
       (SELECT md5(coalesce(string_agg(concat_ws(',', id, area, trade, size_class), ';' ORDER BY id), ''))
          FROM parties_shop WHERE municipality = %(municipality)s) AS shops,
       (SELECT count(*) || ' ' || count(moved_out) FROM parties_resident
         WHERE municipality = %(municipality)s) AS residents,
       (SELECT md5(coalesce(string_agg(concat_ws(',', id, state, valid_until), ';' ORDER BY id), ''))
          FROM parties_commuter WHERE municipality = %(municipality)s AND proof <> '') AS commuters,
       (SELECT max(launched_at)::text FROM programmes_programme WHERE municipality = %(municipality)s) AS launched,
       (SELECT max(drawn_at)::text FROM vouchers_draw WHERE municipality = %(municipality)s) AS drawn,
       (SELECT count(settled_at)::text FROM vouchers_place WHERE municipality = %(municipality)s) AS settled,
       (SELECT max(drawn_at)::text FROM programmes_armsdraw WHERE municipality = %(municipality)s) AS arms,
       (SELECT count(*) || ' ' || coalesce(max(imported_at)::text, '') FROM evidence_householdspending
         WHERE municipality = %(municipality)s) AS reported
