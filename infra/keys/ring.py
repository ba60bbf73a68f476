"""The keys that a process knows, by whose they are: bounded, and forgetful of who was erased."""

import os
from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.keys.master import BYTES, Master

Whose = tuple[str, str]
"""A tenant, and a person of it: a member, a run, or the tenant itself for its kept states."""

Unknown = Literal["unknown"]
UNKNOWN: Unknown = "unknown"
MOST = 2_000
"""Keys at hand: 5 MB of them. A run that is read brings its own along."""


class Ring:
    """Keys at hand; None stands for one that is gone for good."""

    def __init__(self, master: Master, most: int = MOST) -> None:
        self._master = master
        self._most = most
        self._held: OrderedDict[Whose, AESGCM | None] = OrderedDict()

    def get(self, whose: Whose) -> AESGCM | Unknown | None:
        """A key, None when it is gone; UNKNOWN before it was asked for."""
        found = self._held.get(whose, UNKNOWN)
        if found is not UNKNOWN:
            self._held.move_to_end(whose)
        return found

    def put(self, whose: Whose, key: AESGCM | None) -> None:
        """Keep a key at hand."""
        self._held[whose] = key
        if len(self._held) > self._most:
            self._held.popitem(last=False)

    def unwrapped(self, whose: Whose, wrapped: bytes) -> AESGCM:
        """Keep a key as it is stored at hand. Raises KeyFileWrong."""
        key = AESGCM(self._master.unwrap(wrapped, owner(whose)))
        self.put(whose, key)
        return key

    def missing(self, wanted: Iterable[Whose]) -> list[Whose]:
        """Those that have to be asked for."""
        return [whose for whose in dict.fromkeys(wanted) if whose not in self._held]

    def forget(self, erased: Iterable[Whose]) -> None:
        """Who was erased has no key any more, and the kept states of their company have another."""
        for tenant, subject in erased:
            self._held.pop((tenant, subject), None)
            self._held.pop((tenant, tenant), None)
            if subject == tenant:
                for whose in [whose for whose in self._held if whose[0] == tenant]:
                    del self._held[whose]

    def new(self, whose: Whose) -> tuple[bytes, AESGCM]:
        """A key for somebody who has none, as it is to be stored and as it is used; not kept at hand yet."""
        key = os.urandom(BYTES)
        return self._master.wrap(key, owner(whose)), AESGCM(key)


def owner(whose: Whose) -> str:
    """What a stored key is bound to."""
    return "/".join(whose)
