-- The log. Rows are only ever inserted; the log is its own head, so there is no counter to update.
--
-- position    global and dense, in commit order
-- tenant_seq  the tenant's own, dense from 1: a gap is evidence of a deletion
-- body        canonical JSON (RFC 8785), exactly as the application wrote it: the evidence
-- leaf_hash   SHA-256 of 0x00 and the leaf: {"event":<body>,"log":{"at":…,"seq":…,"tenant":…}} (RFC 6962)
CREATE TABLE events (
    position    bigint      NOT NULL PRIMARY KEY,
    tenant_id   uuid        NOT NULL,
    tenant_seq  bigint      NOT NULL,
    stream_id   uuid        NOT NULL,
    version     integer     NOT NULL,
    type        text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    body        bytea       NOT NULL,
    leaf_hash   bytea       NOT NULL,
    CONSTRAINT events_tenant_seq UNIQUE (tenant_id, tenant_seq),
    CONSTRAINT events_stream_version UNIQUE (tenant_id, stream_id, version)
);

-- Which instant is which sequence: times never go backwards along the log.
CREATE INDEX events_tenant_time ON events (tenant_id, recorded_at, tenant_seq);

-- Where each stream begins: what rebuilds divide among their workers.
CREATE INDEX events_streams ON events (tenant_id, stream_id) WHERE version = 1;

-- Every command that appended or was refused on record, with its first answer; and those that changed nothing but
-- may be sent again, with the log's and the tenant's last numbers of then.
CREATE TABLE commands (
    tenant_id     uuid        NOT NULL,
    command_id    uuid        NOT NULL,
    request_hash  bytea       NOT NULL,
    last_position bigint      NOT NULL,
    last_seq      bigint      NOT NULL,
    recorded_at   timestamptz NOT NULL,
    result        bytea       NOT NULL,
    PRIMARY KEY (tenant_id, command_id)
);
