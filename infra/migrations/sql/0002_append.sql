-- The leaf of an event, whose keys stand in the order that RFC 8785 asks for.
CREATE FUNCTION log_leaf(body bytea, at timestamptz, seq bigint, tenant uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '\x7b226576656e74223a'::bytea || body || convert_to(
    ',"log":{"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    || '","seq":' || seq || ',"tenant":"' || tenant || '"}}', 'UTF8');

-- Append the events of many commands in one transaction, with a verdict for each command, by its place:
--   appended   its events, if it has any, are in the log, its answer in the ledger
--   duplicate  its id is in the ledger already: the first answer comes back
--   conflict   a stream it looked at is not at the version it saw, or an earlier command of this batch
--              writes that stream or has the same id: decide again
-- Arrays beginning with c_ have a place for each command; k_ for each stream that a command looked at; e_ for
-- each event. k_cmd and e_cmd hold the command's place, from 1; k_write says that the command writes the stream.
-- c_at is null, or null in places, except on a simulated clock, whose times must lie between the last event's and
-- now; a duplicate's time is of no account.
--
-- Every writer takes the same lock first. One that forgot would compute a position that is taken and fail
-- on the primary key, so no reader can ever see a position appear behind another.
CREATE FUNCTION append(
    c_tenant uuid[], c_id uuid[], c_hash bytea[], c_result bytea[], c_at timestamptz[],
    k_cmd int[], k_stream uuid[], k_version int[], k_write boolean[],
    e_cmd int[], e_stream uuid[], e_version int[], e_type text[], e_body bytea[]
) RETURNS TABLE (verdict text, last_position bigint, last_seq bigint, recorded_at timestamptz,
                 result bytea, request_hash bytea)
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    head       bigint;
    head_at    timestamptz;
    refused    int[];
    now_at     timestamptz;
    seq_before bigint;
    alone_at   timestamptz;
    written    bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4702394921427289928);  -- 'ASHIATO' in ASCII
    SELECT e.position, e.recorded_at INTO head, head_at FROM events e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    now_at := greatest(clock_timestamp(), head_at);
    IF c_at IS NOT NULL AND NOT (
        SELECT bool_and(c.at >= coalesce(head_at, c.at) AND c.at <= now_at)
        FROM unnest(c_tenant, c_id, c_at) c (tenant, id, at)
        WHERE NOT EXISTS (SELECT FROM commands l WHERE l.tenant_id = c.tenant AND l.command_id = c.id)
    ) THEN
        RAISE EXCEPTION 'expected simulated times from the last event''s to now' USING ERRCODE = '22008';
    END IF;

    SELECT array_agg(k.cmd) INTO refused
    FROM unnest(k_cmd, k_stream, k_version) k (cmd, stream, version)
    WHERE k.version <> coalesce((
        SELECT e.version FROM events e
        WHERE e.tenant_id = c_tenant[k.cmd] AND e.stream_id = k.stream
        ORDER BY e.version DESC LIMIT 1), 0);

    -- A lone command that nothing speaks against: the same rows in half the time.
    IF cardinality(c_id) = 1 AND refused IS NULL
       AND NOT EXISTS (SELECT FROM commands l WHERE l.tenant_id = c_tenant[1] AND l.command_id = c_id[1]) THEN
        SELECT e.tenant_seq INTO seq_before FROM events e
        WHERE e.tenant_id = c_tenant[1] ORDER BY e.tenant_seq DESC LIMIT 1;
        seq_before := coalesce(seq_before, 0);
        alone_at := greatest(coalesce(c_at[1], now_at), head_at);
        INSERT INTO events (position, tenant_id, tenant_seq, stream_id, version, type, recorded_at, body, leaf_hash)
        SELECT head + e.i, c_tenant[1], seq_before + e.i, e.stream, e.version, e.type, alone_at, e.body,
               sha256('\x00'::bytea || log_leaf(e.body, alone_at, seq_before + e.i, c_tenant[1]))
        FROM unnest(e_stream, e_version, e_type, e_body) WITH ORDINALITY e (stream, version, type, body, i);
        GET DIAGNOSTICS written = ROW_COUNT;
        INSERT INTO commands (tenant_id, command_id, request_hash, last_position, last_seq, recorded_at, result)
        VALUES (c_tenant[1], c_id[1], c_hash[1], head + written, seq_before + written, alone_at, c_result[1]);
        PERFORM pg_notify('ashiato_log', '');
        RETURN QUERY SELECT 'appended', head + written, seq_before + written, alone_at, NULL::bytea, NULL::bytea;
        RETURN;
    END IF;

    IF cardinality(c_id) > 1 THEN
        SELECT refused || array_agg(x.n) INTO refused FROM (
            SELECT y.cmd AS n FROM (
                SELECT k.cmd, k.cmd > min(k.cmd) FILTER (WHERE k.write)
                       OVER (PARTITION BY c_tenant[k.cmd], k.stream) AS later
                FROM unnest(k_cmd, k_stream, k_write) k (cmd, stream, write)) y
            WHERE y.later
            UNION ALL
            SELECT z.n FROM (
                SELECT c.n::int, row_number() OVER (PARTITION BY c.tenant, c.id ORDER BY c.n) AS nth
                FROM unnest(c_tenant, c_id) WITH ORDINALITY c (tenant, id, n)) z
            WHERE z.nth > 1) x;
    END IF;

    RETURN QUERY
    WITH cmd AS MATERIALIZED (
        SELECT c.n::int AS n, c.tenant, c.id, c.hash, c.result,
               max(greatest(coalesce(c_at[c.n], now_at), head_at)) OVER (ORDER BY c.n) AS at, l.last_position, l.last_seq,
               l.recorded_at, l.result AS first_result, l.request_hash,
               CASE WHEN l.command_id IS NOT NULL THEN 'duplicate'
                    WHEN c.n = ANY (refused) THEN 'conflict'
                    ELSE 'appended' END AS verdict
        FROM unnest(c_tenant, c_id, c_hash, c_result) WITH ORDINALITY c (tenant, id, hash, result, n)
        LEFT JOIN LATERAL (
            SELECT * FROM commands l WHERE l.tenant_id = c.tenant AND l.command_id = c.id LIMIT 1) l ON true
    ), base AS MATERIALIZED (
        SELECT t.tenant, coalesce((
            SELECT e.tenant_seq FROM events e WHERE e.tenant_id = t.tenant
            ORDER BY e.tenant_seq DESC LIMIT 1), 0) AS seq
        FROM (SELECT DISTINCT tenant FROM cmd) t
    ), new AS MATERIALIZED (
        SELECT x.*, base.seq + row_number() OVER (PARTITION BY x.tenant ORDER BY x.i) AS seq
        FROM (
            SELECT cmd.n, cmd.tenant, cmd.at, e.stream, e.version, e.type, e.body, e.i,
                   head + row_number() OVER (ORDER BY e.i) AS position
            FROM unnest(e_cmd, e_stream, e_version, e_type, e_body)
                 WITH ORDINALITY e (cmd, stream, version, type, body, i)
            JOIN cmd ON cmd.n = e.cmd AND cmd.verdict = 'appended') x
        JOIN base ON base.tenant = x.tenant
    ), written AS (
        INSERT INTO events (position, tenant_id, tenant_seq, stream_id, version, type, recorded_at, body, leaf_hash)
        SELECT position, tenant, seq, stream, version, type, at, body,
               sha256('\x00'::bytea || log_leaf(body, at, seq, tenant))
        FROM new ORDER BY position
    ), last AS MATERIALIZED (
        SELECT cmd.n, coalesce(max(new.position), head) AS position, coalesce(max(new.seq), max(base.seq)) AS seq
        FROM cmd JOIN base ON base.tenant = cmd.tenant LEFT JOIN new ON new.n = cmd.n
        WHERE cmd.verdict = 'appended' GROUP BY cmd.n
    ), noted AS (
        INSERT INTO commands (tenant_id, command_id, request_hash, last_position, last_seq, recorded_at, result)
        SELECT cmd.tenant, cmd.id, cmd.hash, last.position, last.seq, cmd.at, cmd.result
        FROM cmd JOIN last ON last.n = cmd.n
    )
    SELECT cmd.verdict, coalesce(last.position, cmd.last_position), coalesce(last.seq, cmd.last_seq),
           coalesce(cmd.recorded_at, cmd.at), cmd.first_result, cmd.request_hash
    FROM cmd LEFT JOIN last ON last.n = cmd.n ORDER BY cmd.n;

    PERFORM pg_notify('ashiato_log', '');
END $$;
