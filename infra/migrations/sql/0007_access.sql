-- Who read what, of those whose every read is logged (auditors), and when each API key was used last.

-- Rows are only ever inserted. `seq` is the tenant's last sequence as the read was answered: no later event was seen.
-- `read_id` only tells reads of one instant apart, so that no number counts what other tenants do.
CREATE TABLE auditor_reads (
    tenant_id uuid        NOT NULL,
    at        timestamptz NOT NULL,
    read_id   uuid        NOT NULL,
    member_id uuid        NOT NULL,
    what      text        NOT NULL,
    asked     jsonb       NOT NULL,
    seq       bigint      NOT NULL,
    PRIMARY KEY (tenant_id, at, read_id)
);

CREATE INDEX auditor_reads_member ON auditor_reads (tenant_id, member_id, at, read_id);

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON auditor_reads
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE auditor_reads ENABLE ALWAYS TRIGGER never_changed;

-- By the day, so that using a key costs a write a day and tells nobody's hours. Rows may be deleted at any time.
CREATE TABLE api_key_uses (
    tenant_id uuid NOT NULL,
    key_id    uuid NOT NULL,
    used_on   date NOT NULL,
    PRIMARY KEY (tenant_id, key_id)
);

SELECT protect('auditor_reads'), protect('api_key_uses');
GRANT SELECT ON auditor_reads, api_key_uses TO ashiato_app, ashiato_reader;
GRANT INSERT ON auditor_reads TO ashiato_app;
GRANT INSERT, UPDATE ON api_key_uses TO ashiato_app;
