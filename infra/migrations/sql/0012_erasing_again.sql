-- After a backup was restored: what was erased since is erased again, whatever the log of then says of it. No event says
-- so here: that of the erasure was lost with the newer log, and the list that this comes from is its evidence.
CREATE FUNCTION erase_again(of_tenant uuid[], of_subject uuid[], of_kind text[], of_seq bigint[], of_at timestamptz[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    added bigint;
BEGIN
    INSERT INTO erasures (tenant_id, subject_id, kind, seq, position, at)
    SELECT w.tenant, w.subject, w.kind, w.seq, coalesce((SELECT max(e.position) FROM events e), 0), w.at
    FROM unnest(of_tenant, of_subject, of_kind, of_seq, of_at) w (tenant, subject, kind, seq, at)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    DELETE FROM data_keys k USING unnest(of_tenant, of_subject) w (tenant, subject)
    WHERE k.tenant_id = w.tenant AND (w.subject = w.tenant OR k.subject_id IN (w.subject, w.tenant));
    DELETE FROM snapshots s USING unnest(of_tenant, of_subject) w (tenant, subject)
    WHERE s.tenant_id = w.tenant AND (w.subject = w.tenant OR s.stream_id IN (w.subject, w.tenant));
    -- Which requests brought their data is not known without the events that were lost: no hash of the company's stays.
    UPDATE commands c SET request_hash = '' FROM (SELECT DISTINCT tenant FROM unnest(of_tenant) w (tenant)) t
    WHERE c.tenant_id = t.tenant AND c.request_hash <> '';
    RETURN added;
END $$;

REVOKE EXECUTE ON FUNCTION erase_again FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_again TO ashiato_app;
-- Only whoever owns the schema lets the writer take a function over; not for longer than this.
SET LOCAL ROLE NONE;
GRANT CREATE ON SCHEMA public TO ashiato_writer;
SET LOCAL ROLE ashiato_owner;
ALTER FUNCTION erase_again OWNER TO ashiato_writer;
SET LOCAL ROLE NONE;
REVOKE CREATE ON SCHEMA public FROM ashiato_writer;
