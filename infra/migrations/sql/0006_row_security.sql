-- Who may do what: docs/decisions/025. The roles belong to the server; infra/roles.py makes them before this.
--
-- ashiato.tenant, set for one statement or transaction, says whose rows are seen. Unset, empty or unknown: nobody's.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('ashiato.tenant', true), '')::uuid;

-- Force row-level security on a table whose rows name their tenant, or make a view see what its reader sees.
-- Every migration that makes one calls it, and grants what the roles need: nothing is granted here.
CREATE FUNCTION protect(what regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relkind = 'v' FROM pg_class WHERE oid = what) THEN
        EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', what);
        RETURN;
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.oid = what AND c.relkind IN ('r', 'p')
          AND a.attname = 'tenant_id' AND a.atttypid = 'uuid'::regtype AND a.attnotnull AND NOT a.attisdropped
    ) THEN
        RAISE EXCEPTION 'expected % to be a view, or a table with tenant_id uuid NOT NULL, but it is neither', what;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', what);
    EXECUTE format('DROP POLICY IF EXISTS tenant ON %s', what);
    EXECUTE format('CREATE POLICY tenant ON %s USING (tenant_id = public.current_tenant())', what);
END $$;

-- The same for all tables and views of a read model's schema, which the projector writes for every tenant and readers
-- see their tenant's rows of. While they are being filled beside the live ones nobody else may see them, and their
-- owner, the projector, is let off: COPY does not work under row-level security.
CREATE FUNCTION protect_read_models(of_schema name, filled boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT c.oid::regclass AS what, c.relkind FROM pg_class c
        WHERE c.relnamespace = of_schema::regnamespace AND c.relkind NOT IN ('i', 'I', 'S', 't', 'c')
    LOOP
        PERFORM public.protect(one.what);
        IF one.relkind <> 'v' THEN
            EXECUTE format('DROP POLICY IF EXISTS every_tenant ON %s', one.what);
            EXECUTE format('CREATE POLICY every_tenant ON %s TO ashiato_projector USING (true)', one.what);
            IF NOT filled THEN
                EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', one.what);
            END IF;
        END IF;
        IF filled THEN
            EXECUTE format('GRANT SELECT ON %s TO ashiato_reader', one.what);
        END IF;
    END LOOP;
    IF filled THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO ashiato_reader', of_schema);
    END IF;
END $$;

-- The log is written by `append` and by nothing else, and never changed.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'expected % to be added to only, but got %', TG_TABLE_NAME, TG_OP USING ERRCODE = '42501';
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Also where session_replication_role would skip it.
ALTER TABLE events ENABLE ALWAYS TRIGGER never_changed;

SELECT protect('events'), protect('commands'), protect('snapshots'), protect('console_passes');

GRANT USAGE ON SCHEMA public TO ashiato_owner, ashiato_writer, ashiato_app, ashiato_projector, ashiato_reader;
GRANT SELECT ON events TO ashiato_writer, ashiato_app, ashiato_projector, ashiato_reader;
GRANT SELECT ON commands TO ashiato_writer, ashiato_app, ashiato_projector;
GRANT SELECT ON snapshots TO ashiato_writer, ashiato_app;
GRANT INSERT ON events, commands TO ashiato_writer;
GRANT INSERT, UPDATE ON snapshots TO ashiato_app;
GRANT SELECT, INSERT, DELETE ON console_passes TO ashiato_app;
GRANT SELECT ON projections TO ashiato_app, ashiato_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON projections TO ashiato_projector;

CREATE POLICY every_tenant ON events FOR SELECT TO ashiato_writer, ashiato_projector USING (true);
CREATE POLICY every_tenant ON commands FOR SELECT TO ashiato_writer, ashiato_projector USING (true);
CREATE POLICY every_tenant ON snapshots FOR SELECT TO ashiato_writer USING (true);
CREATE POLICY appended ON events FOR INSERT TO ashiato_writer WITH CHECK (true);
CREATE POLICY appended ON commands FOR INSERT TO ashiato_writer WITH CHECK (true);
-- Who shows the secret of a pass is let in before anyone knows which tenant it is of: ashiato.passes holds the SHA-256
-- of what was shown, in hexadecimal, with commas between.
CREATE POLICY shown ON console_passes TO ashiato_app
USING (encode(digest, 'hex') = ANY (string_to_array(current_setting('ashiato.passes', true), ',')));

-- Many callers' streams in one round trip: for each place a state that was kept, where its fold is the one wanted; then
-- the events beyond it, or beyond `after`. Every stream is named with its tenant, so nobody's can be forgotten.
CREATE FUNCTION streams(of_tenant uuid[], of_stream uuid[], after int[], fold bytea[])
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
    SELECT n, 0, version, state, NULL FROM wanted WHERE version IS NOT NULL
    UNION ALL
    SELECT w.n, e.version, 0, e.body, e.type
    FROM wanted w CROSS JOIN LATERAL (
        SELECT version, body, type FROM events
        WHERE tenant_id = w.tenant AND stream_id = w.stream AND version > coalesce(w.version, w.after)) e
    ORDER BY 1, 2;
END $$;

-- How long the log is, and when an event of it was recorded: what readiness and lag are made of, and nothing else.
CREATE FUNCTION log_head() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
RETURN coalesce((SELECT position FROM events ORDER BY position DESC LIMIT 1), 0);
CREATE FUNCTION log_time(of_position bigint) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
RETURN (SELECT recorded_at FROM events WHERE position = of_position);

ALTER FUNCTION append SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp;
REVOKE EXECUTE ON FUNCTION append, streams, log_head, log_time FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append, streams TO ashiato_app;
GRANT EXECUTE ON FUNCTION log_head, log_time TO ashiato_app, ashiato_reader, ashiato_projector;

-- Whoever may make objects where these functions look could make them do something else.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO ashiato_owner, ashiato_writer;
ALTER FUNCTION append OWNER TO ashiato_writer;
ALTER FUNCTION streams OWNER TO ashiato_writer;
ALTER FUNCTION log_head OWNER TO ashiato_writer;
ALTER FUNCTION log_time OWNER TO ashiato_writer;
REVOKE CREATE ON SCHEMA public FROM ashiato_writer;

-- Read models that are there already become the projector's.
DO $$
DECLARE
    model name;
    one   regclass;
BEGIN
    FOR model IN
        SELECT n.nspname FROM pg_namespace n
        WHERE n.nspname IN (SELECT p.name || suffix FROM projections p, unnest(ARRAY['', '__next', '__old']) suffix)
    LOOP
        PERFORM protect_read_models(model, model NOT LIKE '%\_\_next');
        EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO ashiato_projector', model);
        FOR one IN SELECT oid FROM pg_class WHERE relnamespace = model::regnamespace AND relkind IN ('r', 'p', 'v') LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO ashiato_projector', one);
        END LOOP;
        EXECUTE format('ALTER SCHEMA %I OWNER TO ashiato_projector', model);
    END LOOP;
END $$;

ALTER FUNCTION log_leaf OWNER TO ashiato_owner;
ALTER FUNCTION current_tenant OWNER TO ashiato_owner;
ALTER FUNCTION protect OWNER TO ashiato_owner;
ALTER FUNCTION protect_read_models OWNER TO ashiato_owner;
ALTER FUNCTION refuse_change OWNER TO ashiato_owner;
ALTER TABLE events OWNER TO ashiato_owner;
ALTER TABLE commands OWNER TO ashiato_owner;
ALTER TABLE projections OWNER TO ashiato_owner;
ALTER TABLE snapshots OWNER TO ashiato_owner;
ALTER TABLE console_passes OWNER TO ashiato_owner;
