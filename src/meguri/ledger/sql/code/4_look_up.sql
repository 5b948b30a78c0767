-- What became of a request. Closing an unused key makes "not found" final: that request can never post any more.
CREATE OR REPLACE FUNCTION ledger.look_up(p_municipality integer, p_key text, p_close boolean)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_municipality || ':' || p_key, 0));
    SELECT posting_id INTO made FROM ledger.posting_key WHERE (municipality_id, key) = (p_municipality, p_key);
    IF p_close AND NOT FOUND THEN
        INSERT INTO ledger.posting_key (municipality_id, key, recorded_at) VALUES (p_municipality, p_key, clock_timestamp());
    END IF;
    RETURN made;
END $$;
