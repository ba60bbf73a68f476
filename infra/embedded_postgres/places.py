"""Where data and binaries lie so that the server's account reaches them, without opening anyone's folders.

A checkout beneath /root, or a folder that only root may enter, is closed to the account that root lends to
the server. We never widen the permissions of a folder that is not ours: what is out of reach goes to a place
of our own.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from infra.embedded_postgres.account import Account
from infra.embedded_postgres.errors import EmbeddedPostgresError

# Only used by root: the second is for machines whose /var is read-only.
PLACES_OF_ROOT = (Path("/var/lib/ashiato"), Path(tempfile.gettempdir()) / "ashiato-of-root")
IN_MEMORY = Path("/dev/shm")  # noqa: S108  # only a folder with a random name and mode 0700 is made there
ROOM = 4 << 30
"""Bytes that must be free in memory for a server that is to be forgotten."""


def reachable_folder(asked: Path, account: Account) -> Path:
    """The folder that was asked for, or its stand-in where the account cannot reach it.

    The folder stays ours: the account may pass through it, to what is its own inside, and not list it.
    """
    asked = asked.absolute()
    asked.parent.mkdir(parents=True, exist_ok=True)
    folder = asked if account.may_enter(asked.parent) else _stand_in(asked)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700 if account.is_ours else 0o711)
    return folder


def quick_place() -> Path | None:
    """Where files are quick and forgotten: in memory, if there is room; None: with other temporary files."""
    if not IN_MEMORY.is_dir() or not os.access(IN_MEMORY, os.W_OK):
        return None
    return IN_MEMORY if shutil.disk_usage(IN_MEMORY).free >= ROOM else None


def reachable_copy(root: Path, parts: tuple[Path, ...], proof: Path, account: Account) -> Path:
    """The root itself if the account can run `root/proof`, else one of our own with copies of the parts."""
    if _runs(root / proof, account):
        return root
    target = _own_place() / f"binaries-{_short_hash(root, (root / proof).stat().st_mtime_ns)}"
    if not target.exists():
        _copy_at_once(root, parts, target)
    if not _runs(target / proof, account):
        raise EmbeddedPostgresError(f"expected to run {target / proof}, but the server's account cannot")
    return target


def _runs(program: Path, account: Account) -> bool:
    try:
        return account.run([program, "--version"]).returncode == 0
    except PermissionError:
        return False


def _stand_in(asked: Path) -> Path:
    return _own_place() / f"data-{_short_hash(asked)}"


def _own_place() -> Path:
    for place in PLACES_OF_ROOT:
        try:
            place.mkdir(mode=0o711, exist_ok=True)
        except OSError:
            continue
        if _is_only_roots(place):
            return place
    places = " or ".join(str(place) for place in PLACES_OF_ROOT)
    raise EmbeddedPostgresError(f"expected {places} to be root's own folder, but neither is")


def _is_only_roots(place: Path) -> bool:
    # In a shared folder anyone could have made this name first, or a link of it.
    found = place.lstat()
    if place.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        return False
    place.chmod(0o711)
    return os.access(place, os.W_OK)


def _copy_at_once(root: Path, parts: tuple[Path, ...], target: Path) -> None:
    # Made aside and renamed: another process sees all of it or nothing.
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copying-"))
    for part in parts:
        shutil.copytree(root / part, aside / part, symlinks=True)
    for path in (aside, *aside.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        aside.rename(target)
    except OSError:
        shutil.rmtree(aside)  # another process was quicker


def _short_hash(*parts: object) -> str:
    return hashlib.sha256(repr([str(part) for part in parts]).encode()).hexdigest()[:12]
