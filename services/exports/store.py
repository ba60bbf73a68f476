"""Where archives are: a folder for each company, a file for each export, named by its digest."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Place(NamedTuple):
    """Where an export is made: a folder for the bundle, a file for what is not whole yet, how the whole one begins."""

    bundle: Path
    part: Path
    stem: Path


class Kept(NamedTuple):
    """Something that lies in the folder, of which company and export."""

    tenant: str
    export: str
    path: Path


@dataclass(frozen=True, slots=True)
class Store:
    """The folder; processes that make exports and those that give them out share it."""

    folder: Path

    def place(self, tenant: str, export: str, epoch: int) -> Place:
        """Where it is made, apart from whoever else is at it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = self.folder / tenant
        own.mkdir(exist_ok=True, mode=0o700)
        return Place(own / f"{export}.{epoch}.bundle", own / f"{export}.{epoch}.tar.part", own / export)

    def open(self, tenant: str, export: str, sha256: str) -> BinaryIO | None:
        """A finished archive, to be read and closed; None when it is not here."""
        try:
            return self.path(tenant, export, sha256).open("rb", buffering=0)
        except FileNotFoundError:
            return None

    def path(self, tenant: str, export: str, sha256: str) -> Path:
        """Where a finished archive is."""
        return file_of(self.folder / tenant / export, sha256)

    def everything(self) -> Iterator[Kept]:
        """All that lies here."""
        for path in sorted(self.folder.glob("*/*")):
            tenant, export = path.parent.name, path.name.partition(".")[0]
            if UUID.fullmatch(tenant) and UUID.fullmatch(export):
                yield Kept(tenant, export, path)

    def clear(self, bundle: Path, part: Path) -> None:
        """Remove what somebody left half made at a place; they were ended before they could."""
        for path in (bundle, bundle.with_name(f"{bundle.name}.part"), part):
            remove(path)


def file_of(stem: Path, sha256: str) -> Path:
    """Where a finished archive is: its name holds its digest, so no other can be taken for it."""
    return stem.with_name(f"{stem.name}.{sha256}.tar")


def remove(path: Path) -> None:
    """A file or a folder goes away; another process may have been quicker."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def length_of(file: BinaryIO) -> int:
    """Bytes of an open file."""
    return os.fstat(file.fileno()).st_size
