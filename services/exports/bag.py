"""A bag (BagIt, RFC 8493) that is filled as it comes: every file is hashed while it is written, or right after."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

A_PIECE = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a disk says that has no room."""


class _Hashed:
    """A file that is hashed as it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write, and hash."""
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


class Written(NamedTuple):
    """What a file came to: its SHA-256 in hexadecimal, and bytes."""

    digest: str
    size: int


class Payload:
    """Files in data/, each hashed; `written` is what those came to that are whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: dict[str, Written] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A new file of the payload, to write from its beginning to its end."""
        path = self.path(name)
        with path.open("xb", buffering=A_PIECE) as file:
            hashed = _Hashed(file)
            yield cast("BinaryIO", hashed)
        self.written[name] = Written(hashed.digest.hexdigest(), hashed.size)

    def path(self, name: str) -> Path:
        """Where a file of the payload is, for who writes it in another way; `keep` it then."""
        path = self.folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, name: str) -> None:
        """Take in a file that was written under its path."""
        path = self.path(name)
        self.written[name] = Written(digest_of(path), path.stat().st_size)

    def put(self, name: str, data: bytes) -> None:
        """A small file."""
        with self.file(name) as file:
            file.write(data)


class Bag(Payload):
    """A folder to fill; what is in data/ is the payload. It is a bag once it is `sealed`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "data").mkdir(parents=True)

    def seal(self, info: dict[str, str]) -> None:
        """Write the manifests: from here on nothing may change. `info` has no line breaks."""
        digests = {f"data/{name}": one.digest for name, one in self.written.items()}
        oxum = f"{sum(one.size for one in self.written.values())}.{len(digests)}"
        tags = {
            "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": "".join(f"{name}: {text}\n" for name, text in {**info, "Payload-Oxum": oxum}.items()),
            "manifest-sha256.txt": _manifest(digests),
        }
        of_tags = {name: sha256(text.encode()).hexdigest() for name, text in tags.items()}
        for name, text in {**tags, "tagmanifest-sha256.txt": _manifest(of_tags)}.items():
            (self.folder / name).write_bytes(text.encode())
        for path in self.folder.rglob("*"):
            if path.is_file():
                _sync(path)


def digest_of(path: Path) -> str:
    """A file's SHA-256 in hexadecimal, read some at a time."""
    digest = sha256()
    with path.open("rb") as file:
        while some := file.read(A_PIECE):
            digest.update(some)
    return digest.hexdigest()


def _manifest(digests: dict[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
