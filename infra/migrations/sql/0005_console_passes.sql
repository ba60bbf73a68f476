-- Who may enter the console as whom, and until when: links that open one session each, and the sessions that are open.
-- Only the SHA-256 of a pass is here; its 256 bits are known to its bearer alone. Rows may be deleted at any time:
-- their bearers then ask for a new link.
CREATE TABLE console_passes (
    digest    bytea       NOT NULL PRIMARY KEY,
    kind      text        NOT NULL CHECK (kind IN ('link', 'session')),
    tenant_id uuid        NOT NULL,
    member_id uuid        NOT NULL,
    until     timestamptz NOT NULL
);

CREATE INDEX console_passes_until ON console_passes (until);
