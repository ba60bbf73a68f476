-- Keys to people's data, and who was erased: docs/decisions/038 and 039.
--
-- A subject is a member, or a run: the person whom it is about. Under a company's own id is the key of its kept states.
-- `wrapped` is the key as the program's master key wrapped it (infra/keys/master.py), which no database holds.
CREATE TABLE data_keys (
    tenant_id  uuid  NOT NULL,
    subject_id uuid  NOT NULL,
    wrapped    bytea NOT NULL,
    PRIMARY KEY (tenant_id, subject_id)
);

-- Whose key was destroyed, by the event at that position: a person's, or with its own id all of a company. No key is
-- ever made for them again.
CREATE TABLE erasures (
    tenant_id  uuid        NOT NULL,
    subject_id uuid        NOT NULL,
    kind       text        NOT NULL,  -- member, run or tenant
    seq        bigint      NOT NULL,
    position   bigint      NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subject_id)
);

CREATE INDEX erasures_position ON erasures (position);

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE erasures ENABLE ALWAYS TRIGGER never_changed;

SELECT protect('data_keys'), protect('erasures');
GRANT SELECT, INSERT, UPDATE, DELETE ON data_keys TO ashiato_writer;
GRANT SELECT, INSERT ON erasures TO ashiato_writer;
GRANT SELECT ON data_keys, erasures TO ashiato_projector, ashiato_reader;
GRANT DELETE ON snapshots TO ashiato_writer;
GRANT UPDATE (request_hash) ON commands TO ashiato_writer;
CREATE POLICY every_tenant ON data_keys TO ashiato_writer USING (true);
CREATE POLICY read_for_every_tenant ON data_keys FOR SELECT TO ashiato_projector USING (true);
CREATE POLICY every_tenant ON erasures TO ashiato_writer USING (true);
CREATE POLICY read_for_every_tenant ON erasures FOR SELECT TO ashiato_projector USING (true);
CREATE POLICY forgotten ON snapshots FOR DELETE TO ashiato_writer USING (true);
CREATE POLICY forgotten ON commands FOR UPDATE TO ashiato_writer USING (true);

-- The keys of people, by the place of each in the question; who was erased, or never had one, is missing.
CREATE FUNCTION data_keys_of(of_tenant uuid[], of_subject uuid[]) RETURNS TABLE (n int, wrapped bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT w.n::int, k.wrapped FROM unnest(of_tenant, of_subject) WITH ORDINALITY w (tenant, subject, n)
    JOIN data_keys k ON k.tenant_id = w.tenant AND k.subject_id = w.subject;
END $$;

-- The same, where each has a key afterwards: the one that was there, or else the one offered. Not for who was erased.
CREATE FUNCTION data_keys_made(of_tenant uuid[], of_subject uuid[], offered bytea[])
RETURNS TABLE (n int, wrapped bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO data_keys (tenant_id, subject_id, wrapped)
    SELECT w.tenant, w.subject, w.wrapped FROM unnest(of_tenant, of_subject, offered) w (tenant, subject, wrapped)
    WHERE NOT EXISTS (SELECT FROM erasures e WHERE e.tenant_id = w.tenant AND e.subject_id IN (w.subject, w.tenant))
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT w.n::int, k.wrapped FROM unnest(of_tenant, of_subject) WITH ORDINALITY w (tenant, subject, n)
    JOIN data_keys k ON k.tenant_id = w.tenant AND k.subject_id = w.subject;
END $$;

-- `append`, for events about people who have no key yet: the keys (d_) that their bodies were sealed with come along.
-- Refused as a whole when one of them has another key by now: what was sealed with this one could never be read.
CREATE FUNCTION append_with_keys(
    c_tenant uuid[], c_id uuid[], c_hash bytea[], c_result bytea[], c_at timestamptz[],
    k_cmd int[], k_stream uuid[], k_version int[], k_write boolean[],
    e_cmd int[], e_stream uuid[], e_version int[], e_type text[], e_body bytea[],
    d_tenant uuid[], d_subject uuid[], d_wrapped bytea[]
) RETURNS TABLE (verdict text, last_position bigint, last_seq bigint, recorded_at timestamptz,
                 result bytea, request_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM data_keys_made(d_tenant, d_subject, d_wrapped);
    IF EXISTS (
        SELECT FROM unnest(d_tenant, d_subject, d_wrapped) d (tenant, subject, wrapped)
        LEFT JOIN data_keys k ON k.tenant_id = d.tenant AND k.subject_id = d.subject
        WHERE k.wrapped IS DISTINCT FROM d.wrapped
    ) THEN
        RAISE EXCEPTION 'expected people without a key, but one has another by now' USING ERRCODE = '23505';
    END IF;
    RETURN QUERY SELECT * FROM append(c_tenant, c_id, c_hash, c_result, c_at, k_cmd, k_stream, k_version, k_write,
                                      e_cmd, e_stream, e_version, e_type, e_body);
END $$;

-- Wrap keys anew under another master key. A key that was destroyed or changed meanwhile stays as it is.
CREATE FUNCTION data_keys_rewrapped(of_tenant uuid[], of_subject uuid[], old bytea[], new bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    UPDATE data_keys k SET wrapped = w.new
    FROM unnest(of_tenant, of_subject, old, new) w (tenant, subject, old, new)
    WHERE k.tenant_id = w.tenant AND k.subject_id = w.subject AND k.wrapped = w.old;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;

-- Who was erased since a position: processes that keep keys let go of these.
CREATE FUNCTION erased_since(after bigint[]) RETURNS TABLE (tenant uuid, subject uuid, at_position bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT tenant_id, subject_id, position FROM erasures WHERE position > after[1] ORDER BY position;
END $$;

-- The event that says so destroys the key, in its own transaction: with it what was sealed under it is noise, wherever
-- it stands. A company's kept states hold its members' names, so they go with the key that they are sealed under; and
-- so do the hashes of the requests that brought the person's data, for a short text can be guessed from its hash.
CREATE FUNCTION destroy_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    member uuid;
BEGIN
    IF NEW.type = 'run.subject_erased' THEN
        DELETE FROM data_keys WHERE tenant_id = NEW.tenant_id AND subject_id = NEW.stream_id;
        DELETE FROM snapshots WHERE tenant_id = NEW.tenant_id AND stream_id = NEW.stream_id;
        INSERT INTO erasures (tenant_id, subject_id, kind, seq, position, at)
        VALUES (NEW.tenant_id, NEW.stream_id, 'run', NEW.tenant_seq, NEW.position, NEW.recorded_at);
        UPDATE commands SET request_hash = '' WHERE tenant_id = NEW.tenant_id AND command_id IN (
            SELECT (convert_from(e.body, 'UTF8')::json ->> 'command')::uuid FROM events e
            WHERE e.tenant_id = NEW.tenant_id AND e.stream_id = NEW.stream_id AND e.position < NEW.position);
        RETURN NULL;
    END IF;
    IF NEW.type = 'tenant.closed' THEN
        DELETE FROM data_keys WHERE tenant_id = NEW.tenant_id;
        DELETE FROM snapshots WHERE tenant_id = NEW.tenant_id;
        UPDATE commands SET request_hash = '' WHERE tenant_id = NEW.tenant_id;
        INSERT INTO erasures (tenant_id, subject_id, kind, seq, position, at)
        VALUES (NEW.tenant_id, NEW.tenant_id, 'tenant', NEW.tenant_seq, NEW.position, NEW.recorded_at);
        RETURN NULL;
    END IF;
    member := (convert_from(NEW.body, 'UTF8')::json #>> '{data,member}')::uuid;
    IF member IS NOT NULL THEN
        DELETE FROM data_keys WHERE tenant_id = NEW.tenant_id AND subject_id IN (member, NEW.tenant_id);
        DELETE FROM snapshots WHERE tenant_id = NEW.tenant_id AND stream_id = NEW.stream_id;
        INSERT INTO erasures (tenant_id, subject_id, kind, seq, position, at)
        VALUES (NEW.tenant_id, member, 'member', NEW.tenant_seq, NEW.position, NEW.recorded_at);
        UPDATE commands SET request_hash = '' WHERE tenant_id = NEW.tenant_id AND command_id IN (
            SELECT (convert_from(e.body, 'UTF8')::json ->> 'command')::uuid FROM events e
            WHERE e.tenant_id = NEW.tenant_id AND e.stream_id = NEW.stream_id AND e.position < NEW.position
              AND convert_from(e.body, 'UTF8')::json #>> '{data,member}' = member::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER destroy_key AFTER INSERT ON events FOR EACH ROW
WHEN (NEW.type IN ('run.subject_erased', 'tenant.person_erased', 'tenant.closed'))
EXECUTE FUNCTION destroy_key();
ALTER TABLE events ENABLE ALWAYS TRIGGER destroy_key;

-- As before, and with each whole stream the key of whom it is about (kept is -1): no second round trip for that.
-- Only whoever owns the schema lets the writer make or take over functions in it; not for longer than this.
SET LOCAL ROLE NONE;
GRANT CREATE ON SCHEMA public TO ashiato_writer;
SET LOCAL ROLE ashiato_writer;
CREATE OR REPLACE FUNCTION streams(of_tenant uuid[], of_stream uuid[], after int[], fold bytea[])
RETURNS TABLE (n int, at_version int, kept int, stored bytea, type text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT w.n::int AS n, w.tenant, w.stream, w.after, kept.version, kept.state
        FROM unnest(of_tenant, of_stream, after, fold) WITH ORDINALITY w (tenant, stream, after, fold, n)
        LEFT JOIN LATERAL (
            SELECT s.version, s.state FROM snapshots s
            WHERE s.tenant_id = w.tenant AND s.stream_id = w.stream AND s.fold = w.fold LIMIT 1) kept ON true)
    SELECT w.n, -1, -1, k.wrapped, NULL
    FROM wanted w CROSS JOIN LATERAL (
        SELECT wrapped FROM data_keys WHERE tenant_id = w.tenant AND subject_id = w.stream LIMIT 1) k
    WHERE w.after = 0
    UNION ALL
    SELECT n, 0, version, state, NULL FROM wanted WHERE version IS NOT NULL
    UNION ALL
    SELECT w.n, e.version, 0, e.body, e.type
    FROM wanted w CROSS JOIN LATERAL (
        SELECT version, body, type FROM events
        WHERE tenant_id = w.tenant AND stream_id = w.stream AND version > coalesce(w.version, w.after)) e
    ORDER BY 1, 2;
END $$;
SET LOCAL ROLE ashiato_owner;

REVOKE EXECUTE ON FUNCTION
    data_keys_of, data_keys_made, append_with_keys, data_keys_rewrapped, erased_since, destroy_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION data_keys_of, data_keys_made, append_with_keys, data_keys_rewrapped, erased_since
TO ashiato_app;
GRANT EXECUTE ON FUNCTION data_keys_of, erased_since TO ashiato_projector;

ALTER FUNCTION data_keys_of OWNER TO ashiato_writer;
ALTER FUNCTION data_keys_made OWNER TO ashiato_writer;
ALTER FUNCTION append_with_keys OWNER TO ashiato_writer;
ALTER FUNCTION data_keys_rewrapped OWNER TO ashiato_writer;
ALTER FUNCTION erased_since OWNER TO ashiato_writer;
ALTER FUNCTION destroy_key OWNER TO ashiato_writer;
SET LOCAL ROLE NONE;
REVOKE CREATE ON SCHEMA public FROM ashiato_writer;
