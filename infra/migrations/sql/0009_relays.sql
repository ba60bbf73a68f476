-- Where the log is relayed to, and how far: one row for each topic. Decision 035.
--
-- cluster_id, topic_id  which Kafka and which topic of that name this is about: another one is refused
-- partitions            fixed, for another number would give tenants other partitions
-- position              the log is in the topic through here; moves by compare-and-set, after every record was
--                       acknowledged
-- lasts                 the last position in each partition, from partition 0: each record names the one before it
CREATE TABLE relays (
    topic      text        NOT NULL PRIMARY KEY,
    cluster_id text        NOT NULL,
    topic_id   text        NOT NULL,
    partitions int         NOT NULL,
    position   bigint      NOT NULL DEFAULT 0,
    lasts      bigint[]    NOT NULL,
    moved_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT relays_lasts CHECK (cardinality(lasts) = partitions)
);

-- Events that did not fit into a record. In their place the topic has a record without data that says where they are.
CREATE TABLE relay_dead_letters (
    tenant_id  uuid        NOT NULL,
    position   bigint      NOT NULL,
    topic      text        NOT NULL,
    size       bigint      NOT NULL,
    largest    bigint      NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, position, topic)
);

SELECT protect('relay_dead_letters');
GRANT SELECT, INSERT, UPDATE, DELETE ON relays TO ashiato_projector;
GRANT SELECT, INSERT ON relay_dead_letters TO ashiato_projector;
CREATE POLICY every_tenant ON relay_dead_letters TO ashiato_projector USING (true);
