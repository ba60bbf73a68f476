-- A projection is followed partition by partition: straight from the log there is one, 0; a topic has several.
--
-- source       where the partitions come from: 'log', or what a topic is known by
-- position     all events of the partition through here are folded; moves by compare-and-set under the epoch
-- next_offset  where the topic's partition goes on, moved together with position
-- leader       who took the partition over last
ALTER TABLE projections
    ADD COLUMN partition   int    NOT NULL DEFAULT 0,
    ADD COLUMN source      text   NOT NULL DEFAULT 'log',
    ADD COLUMN next_offset bigint,
    ADD COLUMN leader      text;
ALTER TABLE projections DROP CONSTRAINT projections_pkey, ADD PRIMARY KEY (name, partition);

-- Streams that a projection cannot fold from some event on: they wait, others go on. Decision 034.
--
-- version, seq, position, type  the first event that is not folded; those before it are
-- error     the class of the error and the place in the program: never its words, which may be personal
-- asked_at  an operator asked for another try, which the leader of the partition has not made yet
CREATE TABLE parked_streams (
    tenant_id  uuid        NOT NULL,
    projection text        NOT NULL,
    stream_id  uuid        NOT NULL,
    version    int         NOT NULL,
    seq        bigint      NOT NULL,
    position   bigint      NOT NULL,
    type       text        NOT NULL,
    error      text        NOT NULL,
    tries      int         NOT NULL DEFAULT 1,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    asked_at   timestamptz,
    PRIMARY KEY (tenant_id, projection, stream_id)
);

SELECT protect('parked_streams');
GRANT SELECT ON parked_streams TO ashiato_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON parked_streams TO ashiato_projector;
CREATE POLICY every_tenant ON parked_streams TO ashiato_projector USING (true);
