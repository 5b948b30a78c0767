-- The sequencer: gives the next numbers to postings that are committed and that no older transaction can get before.
-- Order of effects: the municipality's lock, then (a later snapshot) numbers and leaves. The caller adds the tree above.
--
-- A posting is ready when every transaction that began to write before its own has ended: written_by < the snapshot's
-- xmin. So the order follows cause (what was committed before another began has the smaller number), and what lies
-- before `seen_before` need not be looked at again. In a copy restored into another cluster the old transaction numbers
-- mean nothing: there every committed posting that has no number is looked for, once, and those of the old cluster
-- (numbers this one has not reached) come first.
CREATE OR REPLACE FUNCTION ledger.number_postings(p_municipality integer, p_most integer)
RETURNS TABLE (number bigint, hash bytea) LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_bitmapscan = off SET enable_material = off
AS $$
#variable_conflict use_column
DECLARE
    here constant bigint := (SELECT system_identifier FROM pg_control_system());
    known ledger.sequencer;
    same boolean;
    last bigint;
    running xid8;  -- the oldest running transaction
    ready uuid[];
    writers xid8[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ledger.number_postings'), p_municipality);
    SELECT * INTO known FROM ledger.sequencer WHERE municipality_id = p_municipality;
    same := coalesce(known.cluster = here, NOT EXISTS (  -- never numbered: ours, unless a number lies ahead of this cluster
        SELECT FROM ledger.posting p
        WHERE p.municipality_id = p_municipality AND p.written_by >= pg_snapshot_xmax(pg_current_snapshot())));
    SELECT coalesce(max(s.number), 0) INTO last FROM ledger.sequence s WHERE s.municipality_id = p_municipality;

    IF same THEN  -- along the writers' index: what waits behind the first p_most is not looked at
        SELECT array_agg(id ORDER BY written_by, id), array_agg(written_by ORDER BY written_by, id), min(oldest)
        INTO ready, writers, running
        FROM (SELECT p.id, p.written_by, pg_snapshot_xmin(s) AS oldest
              FROM ledger.posting p, pg_current_snapshot() AS s
              WHERE p.municipality_id = p_municipality
                AND p.written_by >= coalesce(known.seen_before, '0') AND p.written_by < pg_snapshot_xmin(s)
                AND p.written_by IS DISTINCT FROM pg_current_xact_id_if_assigned()
                AND NOT EXISTS (SELECT FROM ledger.sequence o
                                WHERE (o.municipality_id, o.posting_id) = (p_municipality, p.id))
              ORDER BY p.municipality_id, p.written_by, p.id LIMIT p_most) AS committed;
    ELSE
        SELECT array_agg(id ORDER BY place), array_agg(written_by ORDER BY place), min(oldest)
        INTO ready, writers, running
        FROM (SELECT p.id, p.written_by, pg_snapshot_xmin(s) AS oldest,
                     row_number() OVER (ORDER BY p.written_by < pg_snapshot_xmax(s), p.written_by, p.id) AS place
              FROM ledger.posting p, pg_current_snapshot() AS s
              WHERE p.municipality_id = p_municipality
                AND (p.written_by < pg_snapshot_xmin(s) OR p.written_by >= pg_snapshot_xmax(s))
                AND p.written_by IS DISTINCT FROM pg_current_xact_id_if_assigned()
                AND NOT EXISTS (SELECT FROM ledger.sequence o
                                WHERE (o.municipality_id, o.posting_id) = (p_municipality, p.id))
              ORDER BY place LIMIT p_most) AS committed;
    END IF;
    IF ready IS NULL THEN
        RETURN;
    END IF;
    IF same OR cardinality(ready) < p_most THEN  -- behind a full batch there may be more of the last writer's
        INSERT INTO ledger.sequencer VALUES (p_municipality, coalesce(writers[p_most], running), here)
        ON CONFLICT (municipality_id) DO UPDATE SET seen_before = excluded.seen_before, cluster = excluded.cluster;
    END IF;

    RETURN QUERY
    WITH numbered AS MATERIALIZED (
        SELECT last + t.place AS number, t.id, l.content
        FROM unnest(ready) WITH ORDINALITY AS t (id, place)
        CROSS JOIN LATERAL (  -- OFFSET keeps the planner probing posting by posting: it never knows how long the list is
            SELECT content FROM ledger.leaf WHERE (municipality_id, id) = (p_municipality, t.id) OFFSET 0) AS l
    ), ordered AS (
        INSERT INTO ledger.sequence (municipality_id, number, posting_id, marks)
        SELECT p_municipality, number, id, ledger.marks(content) FROM numbered
    )
    INSERT INTO ledger.node AS n (municipality_id, level, position, hash)
    SELECT p_municipality, 0, number - 1, sha256('\x00'::bytea || convert_to(content, 'UTF8')) FROM numbered ORDER BY number
    RETURNING n.position + 1, n.hash;
END $$;
