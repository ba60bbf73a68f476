"""Checkpoints that were kept outside: files with signed notes, checked before the log is compared with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.evidence.notes import NoteMalformed, Verifier, is_signed_by, read_checkpoint, read_note, read_verifier
from infra.evidence.keys import verify
from infra.evidence.known import Key

ENDING = ".note"
LONGEST = 100_000


class EvidenceUnusable(RuntimeError):
    """A file that was given as evidence is none."""


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint that somebody kept, and where."""

    tenant: str
    size: int
    root: bytes
    where: str


def held_in(path: Path, keys: Sequence[Key], trusted: Sequence[Verifier] = ()) -> Held:
    """A checkpoint from a file, signed by a trusted verifier key; without any, by a key that the database knows.

    Raises EvidenceUnusable.
    """
    try:
        with path.open("rb") as file:
            note = read_note(file.read(LONGEST + 1).decode())
        found = read_checkpoint(note.text)
    except (NoteMalformed, UnicodeDecodeError):
        raise EvidenceUnusable(f"expected a signed checkpoint in {path}, but it holds something else") from None
    tenant = found.origin.rpartition("/")[2]
    by = [*trusted] or [key.verifier(tenant) for key in keys]
    if found.size < 1 or not any(one.name == found.origin and is_signed_by(note, one, verify) for one in by):
        whose = "a key that was given" if trusted else "a key of this log"
        raise EvidenceUnusable(f"expected the checkpoint in {path} to be signed by {whose}, but it is not")
    return Held(tenant, found.size, found.root, str(path))


def all_held_in(folder: Path, keys: Sequence[Key], trusted: Sequence[Verifier] = ()) -> Iterator[Held]:
    """The checkpoints of every note in a folder of anchors. Raises EvidenceUnusable."""
    if not folder.is_dir():
        raise EvidenceUnusable(f"expected a folder of checkpoints at {folder}, but there is none")
    for path in sorted(folder.rglob(f"*{ENDING}")):
        yield held_in(path, keys, trusted)


def trusted_keys(path: Path) -> list[Verifier]:
    """Verifier keys from a file, one a line. Raises EvidenceUnusable."""
    try:
        return [read_verifier(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (NoteMalformed, UnicodeDecodeError) as wrong:
        raise EvidenceUnusable(f"expected verifier keys in {path}, one a line, but: {wrong}") from None
