"""A bundle as one file: a tar whose bytes follow from the bundle's alone, so that a download can be resumed."""

import os
import tarfile
from dataclasses import dataclass
from hashlib import sha256
from io import RawIOBase
from pathlib import Path

from services.exports.bag import A_PIECE


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished file: its SHA-256 in hexadecimal, and how long it is."""

    sha256: str
    bytes: int


class _Hashed(RawIOBase):
    """Hashes what is written on its way to a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=A_PIECE)
        self.digest = sha256()
        self.size = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]  # tarfile writes bytes
        """Write, and hash."""
        self._file.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def close(self) -> None:
        """What was written is on the disk."""
        if not self._file.closed:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
        super().close()


def archive(bundle: Path, name: str, into: Path) -> Archive:
    """Move a bundle's files into a new tar, under the folder `name`; each goes away as soon as it is in.

    So the disk holds the bundle once, and its largest file twice. Raises OSError for a full disk.
    """
    hashed = _Hashed(into)
    try:
        with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=A_PIECE) as tar:
            for path in sorted(one for one in bundle.rglob("*") if one.is_file()):
                with path.open("rb") as file:
                    tar.addfile(_member(f"{name}/{path.relative_to(bundle).as_posix()}", path.stat().st_size), file)
                path.unlink()
    finally:
        hashed.close()
    return Archive(hashed.digest.hexdigest(), hashed.size)


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Nobody's, and of no hour."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member
