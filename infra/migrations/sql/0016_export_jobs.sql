-- Exports that are being made: who is at one, until when, and how far. What became of them is in the log: decision 044.
--
-- epoch         how often it was taken; whoever took it last may go on, and nobody else
-- leased_until  until then it is theirs; moved on while they work
-- size          the checkpoint that it goes up to, chosen once, so that whoever begins anew makes the same
-- done, total   events read, of how many
CREATE TABLE export_jobs (
    tenant_id    uuid        NOT NULL,
    export_id    uuid        NOT NULL,
    epoch        int         NOT NULL DEFAULT 1,
    leased_until timestamptz NOT NULL,
    size         bigint,
    done         bigint      NOT NULL DEFAULT 0,
    total        bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, export_id)
);

SELECT protect('export_jobs');
GRANT SELECT ON export_jobs TO ashiato_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON export_jobs TO ashiato_projector;
CREATE POLICY every_tenant ON export_jobs TO ashiato_projector USING (true);
