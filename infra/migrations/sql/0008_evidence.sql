-- Each tenant's log as a Merkle tree, and signed checkpoints of it: docs/decisions/041. Rows are only ever inserted,
-- by a role that sees no event but its hash, and writes none.

-- The keys that sign; each until the next one's time. The private ones are in files.
CREATE TABLE signing_keys (
    public_key bytea       NOT NULL PRIMARY KEY CHECK (length(public_key) = 32),
    name       text        NOT NULL,
    valid_from timestamptz NOT NULL UNIQUE,
    reason     text        NOT NULL
);

-- How far the whole log is in trees: a note of where to go on, for one round at a time.
CREATE TABLE checkpointing (
    one      boolean     NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
    position bigint      NOT NULL,
    at       timestamptz NOT NULL
);
INSERT INTO checkpointing (position, at) VALUES (0, '-infinity');

-- The roots of complete subtrees of 2^level leaves, for every eighth level from 8 on; n counts from 0. The leaves'
-- hashes are in the log.
CREATE TABLE merkle_nodes (
    tenant_id uuid     NOT NULL,
    level     smallint NOT NULL,
    n         bigint   NOT NULL,
    hash      bytea    NOT NULL,
    PRIMARY KEY (tenant_id, level, n)
);

-- peaks   the roots of the complete subtrees that the size, in binary, is made of: where the next one goes on
-- leaves  the hashes of the events since the one before: whoever rewrites an event and its hash is found by them
-- note    a signed note of C2SP: what is published
-- A change of keys signs the last checkpoint again, by both: so a size may have two.
CREATE TABLE checkpoints (
    tenant_id uuid        NOT NULL,
    size      bigint      NOT NULL CHECK (size > 0),
    signed_at timestamptz NOT NULL,
    root      bytea       NOT NULL CHECK (length(root) = 32),
    peaks     bytea       NOT NULL,
    leaves    bytea       NOT NULL,
    note      text        NOT NULL,
    PRIMARY KEY (tenant_id, size, signed_at)
);
ALTER TABLE checkpoints ALTER COLUMN leaves SET STORAGE EXTERNAL;  -- hashes do not compress

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON signing_keys
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON merkle_nodes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE signing_keys ENABLE ALWAYS TRIGGER never_changed;
ALTER TABLE merkle_nodes ENABLE ALWAYS TRIGGER never_changed;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER never_changed;

SELECT protect('merkle_nodes'), protect('checkpoints');
CREATE POLICY every_tenants_hashes ON events FOR SELECT TO ashiato_signer USING (true);
CREATE POLICY every_tenant ON merkle_nodes TO ashiato_signer USING (true);
CREATE POLICY every_tenant ON checkpoints TO ashiato_signer USING (true);
CREATE POLICY every_tenant_seen ON merkle_nodes FOR SELECT TO ashiato_projector USING (true);
CREATE POLICY every_tenant_seen ON checkpoints FOR SELECT TO ashiato_projector USING (true);

GRANT USAGE ON SCHEMA public TO ashiato_signer;
GRANT SELECT (position, tenant_id, tenant_seq, recorded_at, leaf_hash) ON events TO ashiato_signer;
GRANT SELECT, INSERT ON signing_keys, merkle_nodes, checkpoints TO ashiato_signer;
GRANT SELECT, UPDATE ON checkpointing TO ashiato_signer;
GRANT SELECT ON signing_keys, checkpointing TO ashiato_app, ashiato_reader, ashiato_projector;
GRANT SELECT ON merkle_nodes, checkpoints TO ashiato_reader, ashiato_projector;
