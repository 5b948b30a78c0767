-- What became of a request. Closing an unused key makes "not found" final: that request can never post any more.
-- A posting that is being made under this key just now is waited for: the unique index holds the insertion back.
CREATE OR REPLACE FUNCTION ledger.look_up(p_municipality integer, p_key text, p_close boolean)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid;
BEGIN
    IF p_close THEN
        INSERT INTO ledger.posting_key (municipality_id, key, recorded_at)
        VALUES (p_municipality, p_key, clock_timestamp()) ON CONFLICT DO NOTHING;
    END IF;
    SELECT posting_id INTO made FROM ledger.posting_key WHERE (municipality_id, key) = (p_municipality, p_key);
    RETURN made;
END $$;
