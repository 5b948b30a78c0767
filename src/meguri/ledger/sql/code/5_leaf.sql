-- What is hashed of a posting: plain text, one fact a line, everything by value, so that whoever holds it needs no
-- table of ours to read it. docs/decisions/0010 describes the form; it never changes for what is in the log already.

CREATE OR REPLACE FUNCTION ledger.moment_text(moment timestamptz) RETURNS text LANGUAGE sql STABLE
RETURN coalesce(to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '-');

CREATE OR REPLACE VIEW ledger.leaf AS
SELECT p.municipality_id, p.id,
       'meguri/posting/1'
       || E'\nid ' || p.id
       || E'\nmunicipality ' || p.municipality_id
       || E'\ntemplate ' || p.template || ' ' || p.template_version
       || E'\neffective ' || ledger.moment_text(p.effective_at)
       || E'\nrecorded ' || ledger.moment_text(p.recorded_at)
       || E'\nby ' || to_json(p.by)
       || E'\nabout ' || p.about
       || E'\nreverses ' || coalesce(p.reverses::text, '-')
       || coalesce(e.lines, '') || E'\n' AS content
FROM ledger.posting p
LEFT JOIN LATERAL (
    SELECT string_agg(
        E'\nentry ' || e.entry_no || ' ' || e.leg_no || ' ' || e.amount
        || ' from ' || d.owner || ' ' || d.role || ' ' || dl.unit || ' ' || coalesce(dl.fund::text, '-') || ' '
        || coalesce(dl.purse_kind::text, '-') || ' ' || ledger.moment_text(dl.expires_at) || ' ' || coalesce(dl.allowed::text, '-')
        || ' to ' || c.owner || ' ' || c.role || ' ' || cl.unit || ' ' || coalesce(cl.fund::text, '-') || ' '
        || coalesce(cl.purse_kind::text, '-') || ' ' || ledger.moment_text(cl.expires_at) || ' ' || coalesce(cl.allowed::text, '-'),
        '' ORDER BY e.entry_no) AS lines
    FROM ledger.entry e
    JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
    JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
    JOIN ledger.lot dl ON (dl.municipality_id, dl.id) = (e.municipality_id, e.debit_lot)
    JOIN ledger.lot cl ON (cl.municipality_id, cl.id) = (e.municipality_id, e.credit_lot)
    WHERE (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
) AS e ON true;

-- Four bytes of the hash of each line, one after the other.
CREATE OR REPLACE FUNCTION ledger.marks(content text) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN (SELECT string_agg(substr(sha256(convert_to(line, 'UTF8')), 1, 4), '' ORDER BY place)
        FROM string_to_table(rtrim(content, E'\n'), E'\n') WITH ORDINALITY AS t (line, place));
