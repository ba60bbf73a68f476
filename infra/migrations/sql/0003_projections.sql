-- How far each projection has scanned the log, who writes it (epoch), and the version of its fold.
-- Its tables live in the schema of its name. position moves by compare-and-set in the transaction that writes rows.
CREATE TABLE projections (
    name     text        NOT NULL PRIMARY KEY,
    version  int         NOT NULL,
    position bigint      NOT NULL,
    epoch    bigint      NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT now()
);
