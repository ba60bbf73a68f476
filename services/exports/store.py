"""Where archives are: a folder for each company, a file for each export, named by its digest."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import structlog

from domain.procedures.values import UUID_TEXT

log = structlog.get_logger("exporter")


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

    def everything(self) -> list[Kept]:
        """All that lies here, company by company."""
        found = [Kept(path.parent.name, path.name.partition(".")[0], path) for path in sorted(self.folder.glob("*/*"))]
        return [one for one in found if UUID_TEXT.fullmatch(one.tenant) and UUID_TEXT.fullmatch(one.export)]

    def clear(self, bundle: Path, part: Path) -> None:
        """Remove what somebody left half made at a place; they were ended before they could."""
        remove(bundle, bundle.with_name(f"{bundle.name}.part"), part)


def file_of(stem: Path, sha256: str) -> Path:
    """Where a finished archive is: its name holds its digest, so no other can be taken for it."""
    return stem.with_name(f"{stem.name}.{sha256}.tar")


def remove(*paths: Path) -> None:
    """Files and folders go away; another process may have been quicker. One that stays is logged and stops no other."""
    for path in paths:
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("what is no export any more cannot be removed", path=str(path), because=str(error))


def length_of(file: BinaryIO) -> int:
    """Bytes of an open file."""
    return os.fstat(file.fileno()).st_size
