-- Records in the topic that are no events of ours: noted once, and left out. Nothing is missing by them.
CREATE TABLE topic_strangers (
    topic_id   text        NOT NULL,
    partition  int         NOT NULL,
    at_offset  bigint      NOT NULL,
    why        text        NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic_id, partition, at_offset)
);
GRANT SELECT, INSERT ON topic_strangers TO ashiato_projector;
