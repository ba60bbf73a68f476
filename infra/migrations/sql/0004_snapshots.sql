-- States of long streams, so that loading one costs the same however long it is. A cache: rows may be deleted at any
-- time, and one whose fold is not the program's own is not read.
CREATE TABLE snapshots (
    tenant_id uuid  NOT NULL,
    stream_id uuid  NOT NULL,
    version   int   NOT NULL,
    fold      bytea NOT NULL,
    state     bytea NOT NULL,
    PRIMARY KEY (tenant_id, stream_id)
) WITH (fillfactor = 70);

-- Compressing a state takes longer than anything else that is done with it.
ALTER TABLE snapshots ALTER COLUMN state SET STORAGE EXTERNAL;
