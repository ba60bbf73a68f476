"""`ashiato verify`: the log against all that was signed and kept outside; what is wrong becomes an alarm."""

from collections.abc import Sequence
from pathlib import Path

from infra.evidence.alarms import LOG_ALTERED, raise_alarms
from infra.evidence.keyring import keys
from infra.evidence.outside import Held, all_held_in, held_in, trusted_keys
from infra.evidence.verifying import Progress, Verified, first_faults, verify_log
from services.checkpointer import connect


def verify(
    dsn: str,
    *,
    tenant: str | None = None,
    checkpoints: Sequence[Path] = (),
    anchors: Sequence[Path] = (),
    trusted: Path | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Verified:
    """Hash the log anew and compare. With `trusted` keys no other's signature counts. Raises EvidenceUnusable."""
    verifiers = trusted_keys(trusted) if trusted else []
    with connect(dsn) as connection:
        known = keys(connection)
        if trusted:
            public = {one.public for one in verifiers}
            known = [key for key in known if key.public in public]
        held: list[Held] = [held_in(path, known, verifiers) for path in checkpoints]
        held += [one for folder in anchors for one in all_held_in(folder, known, verifiers)]
        found = verify_log(dsn, known, tenant=tenant, held=held, workers=workers, progress=progress)
        raise_alarms(connection, LOG_ALTERED, [faults[0] for faults in first_faults(found).values()])
    return found
