"""Which keys sign and have signed: their public halves in the database, the private one in its file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection

from infra.evidence.keys import KeyUnusable, Signer, make_key, read_key
from infra.evidence.known import KEYS, Key
from infra.evidence.rounds import KEEP_CHECKPOINTS, note_of

ADD = "INSERT INTO signing_keys (public_key, name, valid_from, reason) VALUES (%s, %s, clock_timestamp(), %s)"
ALONE = "SELECT FROM checkpointing FOR UPDATE"
# One step through the index for each tenant, however many checkpoints it has.
LAST_OF_ALL = """
    WITH RECURSIVE tenants AS (
        (SELECT tenant_id FROM checkpoints ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT c.tenant_id FROM checkpoints c WHERE c.tenant_id > t.tenant_id ORDER BY c.tenant_id LIMIT 1)
        FROM tenants t WHERE t.tenant_id IS NOT NULL)
    SELECT t.tenant_id::text, c.size, c.root, c.peaks
    FROM tenants t CROSS JOIN LATERAL (
        SELECT size, root, peaks FROM checkpoints
        WHERE tenant_id = t.tenant_id ORDER BY size DESC, signed_at DESC LIMIT 1) c
"""


def keys(connection: Connection[Any]) -> list[Key]:
    """All that ever signed, the one that does now as the last."""
    return [Key(*row) for row in connection.execute(KEYS, binary=True)]


def signing_key(connection: Connection[Any], path: Path, name: str) -> tuple[Key, Signer]:
    """The key that signs now, from its file; the first one is made. Raises KeyUnusable."""
    with connection.transaction():
        connection.execute(ALONE)
        known = keys(connection)
        if not known:
            signer = read_key(path) if path.exists() else make_key(path)
            connection.execute(ADD, (signer.public, name, "the first key"))
            known = keys(connection)
    return known[-1], _private(path, known[-1])


def change_key(connection: Connection[Any], path: Path, name: str, reason: str, *, lost: bool = False) -> Key:
    """Sign with a new key from now on; the last checkpoint of every tenant is signed again by both.

    The old private key stays beside the file, as `….old-<when>`; one that is `lost` signs nothing. Raises KeyUnusable.
    """
    coming = path.with_name(f"{path.name}.new")
    with connection.transaction():
        connection.execute(ALONE)
        old = [] if lost else [signing_key(connection, path, name)]
        new = make_key(coming)
        connection.execute(ADD, (new.public, name, reason))
        _sign_again(connection, old[0][0].name if old else name, [*(signer for _, signer in old), new])
        made = keys(connection)[-1]
    if path.exists():
        path.rename(path.with_name(f"{path.name}.old-{made.valid_from:%Y%m%dT%H%M%S}"))
    coming.rename(path)
    return made


def _private(path: Path, key: Key) -> Signer:
    """The private half; a change of keys that was cut off may have left it beside the file."""
    signer = read_key(path)
    coming = path.with_name(f"{path.name}.new")
    if signer.public != key.public and coming.exists():
        signer = read_key(coming)
    if signer.public != key.public:
        raise KeyUnusable(
            f"expected {path} to hold the key that signs since {key.valid_from:%Y-%m-%d %H:%M} UTC, but it holds "
            "another; put that one back, or change keys with `ashiato keys change --lost`"
        )
    return signer


def _sign_again(connection: Connection[Any], name: str, signers: Sequence[Signer]) -> None:
    last = connection.execute(LAST_OF_ALL, binary=True).fetchall()
    if not last:
        return
    tenants, sizes, roots, peaks = (list(column) for column in zip(*last, strict=True))
    notes = [note_of(name, tenant, size, root, signers) for tenant, size, root, _ in last]
    connection.execute(KEEP_CHECKPOINTS, (tenants, sizes, roots, peaks, [b""] * len(last), notes))
