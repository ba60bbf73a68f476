-- Checkpoints that were anchored outside, and what went wrong with evidence, until somebody closes it: decision 043.
-- Rows are only ever inserted.

-- kind     folder, webhook or timestamp; target says which: a folder, an address
-- receipt  what came back: of a timestamp the authority's response (RFC 3161)
CREATE TABLE anchors (
    tenant_id   uuid        NOT NULL,
    kind        text        NOT NULL,
    target      text        NOT NULL,
    size        bigint      NOT NULL,
    anchored_at timestamptz NOT NULL DEFAULT now(),
    receipt     bytea       NOT NULL,
    PRIMARY KEY (tenant_id, kind, target, size)
);

-- Where a company wants its checkpoints sent: the newest row counts, without an address nowhere.
CREATE TABLE anchor_webhooks (
    tenant_id uuid        NOT NULL,
    set_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    url       text,
    set_by    text        NOT NULL,
    reason    text        NOT NULL,
    PRIMARY KEY (tenant_id, set_at)
);

CREATE TABLE alarms (
    tenant_id uuid        NOT NULL,
    alarm_id  uuid        NOT NULL DEFAULT gen_random_uuid(),
    kind      text        NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    seq       bigint      NOT NULL,
    what      text        NOT NULL,
    PRIMARY KEY (tenant_id, alarm_id)
);
CREATE TABLE alarm_closings (
    tenant_id uuid        NOT NULL,
    alarm_id  uuid        NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT now(),
    closed_by text        NOT NULL,
    reason    text        NOT NULL,
    PRIMARY KEY (tenant_id, alarm_id)
);

DO $$
DECLARE
    one regclass;
BEGIN
    FOREACH one IN ARRAY ARRAY['anchors', 'anchor_webhooks', 'alarms', 'alarm_closings']::regclass[] LOOP
        EXECUTE format('CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', one);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER never_changed', one);
        PERFORM protect(one);
        EXECUTE format('CREATE POLICY every_tenant ON %s TO ashiato_signer USING (true)', one);
        EXECUTE format('GRANT SELECT, INSERT ON %s TO ashiato_signer', one);
        EXECUTE format('GRANT SELECT ON %s TO ashiato_reader', one);
    END LOOP;
END $$;
