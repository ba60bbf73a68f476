"""The doctor and people's keys: each that is needed is there and opens what was sealed, and of who was erased none is.

It names ids, never people: a member or a run (the person whom it is about), with the first event that is concerned.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import MsgspecError
from psycopg import Connection

from domain.events import Event
from domain.runs.events import SubjectErased
from domain.tenants.erasure_events import PersonErased, TenantClosed
from infra.event_store.codec import decode_event_as
from infra.event_store.sealing import MARKS, SealBroken, open_in_place, sealed_for
from infra.evidence.alarms import KEY_KEPT, KEY_LOST, raise_alarms
from infra.evidence.rehashing import Fault
from infra.keys.master import KeyFileWrong, Master, master_of
from infra.keys.opening import OF_ALL
from infra.keys.ring import Whose, owner
from services.checkpointer import connect as signer
from services.finding import Finding

SEALED = b'"sealed":"'
OF_STREAMS = {kind.type for kind, marks in MARKS.items() if marks.of == "stream"}
ERASING = {kind.type for kind in (SubjectErased, PersonErased, TenantClosed)}
ERASURES = "SELECT tenant_id::text, subject_id::text, seq FROM erasures"
THERE = """
    SELECT k.tenant_id::text, k.subject_id::text FROM data_keys k
    JOIN unnest(%s::uuid[], %s::uuid[]) w (tenant, subject)
      ON k.tenant_id = w.tenant AND w.subject IN (k.subject_id, k.tenant_id)
"""
MOST_NAMED = 5
RESTORE = (
    "put these rows of data_keys back from a backup that has them (or the key file, where it is the master key that "
    "is missing), before anything more is written about them; then `ashiato rebuild`"
)
AGAIN = "`ashiato erasures export` and `ashiato erasures apply` of that list destroy them again"


class Seen(NamedTuple):
    """An event as the doctor reads it, as far as keys are concerned."""

    tenant: str
    seq: int
    stream: str
    version: int
    type: str
    body: bytes


class Keys:
    """What was seen of keys so far; each person's is tried once, on the first event that was sealed with it."""

    def __init__(self, connection: Connection[Any], master: Master | None = None) -> None:
        self._connection = connection
        self._master = master or master_of()
        self._tried: set[Whose] = set()
        self._lost: dict[Whose, Fault] = {}
        self._erased: dict[Whose, int] = {}
        self._read_erasures()

    def see(self, some: Iterable[Seen]) -> None:
        """The next events whose hashes fit, in order."""
        new: dict[Whose, tuple[Seen, Event]] = {}
        for one in some:
            if one.type not in ERASING and (SEALED not in one.body or self._is_known(one)):
                continue
            with suppress(MsgspecError, KeyError, ValueError):  # what is no event is found as such
                self._note(one, decode_event_as(one.body, one.type), new)
        keys = self._wrapped([*new])
        for whose, (one, event) in new.items():
            if what := self._wrong(whose, keys.get(whose), one, event):
                self._lost[whose] = Fault(one.tenant, one.seq, what)

    def findings(self, dsn: str) -> Iterator[Finding]:
        """What is to be said of them; what is wrong becomes alarms. Somebody may have been erased meanwhile."""
        self._read_erasures()
        lost = [fault for whose, fault in self._lost.items() if not self._is_erased(whose)]
        yield _finding(lost, "keys are missing or open nothing, though nobody was erased", RESTORE)
        kept = list(self._kept())
        yield _finding(kept, "keys are there of who was erased", AGAIN)
        with signer(dsn) as connection:
            raise_alarms(connection, KEY_LOST, lost)
            raise_alarms(connection, KEY_KEPT, kept)

    def _read_erasures(self) -> None:
        self._erased |= {(tenant, subject): seq for tenant, subject, seq in self._connection.execute(ERASURES)}

    def _is_known(self, one: Seen) -> bool:
        """Whether nothing is in it but what the key of its stream opens, which was tried: it need not be decoded."""
        return one.type in OF_STREAMS and (one.tenant, one.stream) in self._tried

    def _note(self, one: Seen, event: Event, new: dict[Whose, tuple[Seen, Event]]) -> None:
        """What an event says of who has a key, or has none any more."""
        if isinstance(event, PersonErased) and event.member:
            self._erased.setdefault((one.tenant, event.member), one.seq)
        if isinstance(event, SubjectErased):
            self._erased.setdefault((one.tenant, one.stream), one.seq)
        if isinstance(event, TenantClosed):
            self._erased.setdefault((one.tenant, one.tenant), one.seq)
        subject = sealed_for(event, one.stream)
        if subject is not None and (one.tenant, subject) not in self._tried:
            self._tried.add((one.tenant, subject))
            new[one.tenant, subject] = one, event

    def _wrong(self, whose: Whose, wrapped: bytes | None, one: Seen, event: Event) -> str | None:
        subject = whose[1]
        if wrapped is None:
            return f"the key of {subject} is missing"
        try:
            key = AESGCM(self._master.unwrap(wrapped, owner(whose)))
            open_in_place(event, one.tenant, one.stream, one.version, key)
        except (KeyFileWrong, SealBroken):
            return f"the key of {subject} does not open what was sealed for them"
        return None

    def _wrapped(self, wanted: Sequence[Whose]) -> dict[Whose, bytes]:
        given = [tenant for tenant, _ in wanted], [subject for _, subject in wanted]
        return {wanted[n - 1]: bytes(wrapped) for n, wrapped in self._connection.execute(OF_ALL, given)}

    def _is_erased(self, whose: Whose) -> bool:
        return whose in self._erased or (whose[0], whose[0]) in self._erased

    def _kept(self) -> Iterator[Fault]:
        """Keys of who was erased, by what the list of erasures or the log says."""
        given = [tenant for tenant, _ in self._erased], [subject for _, subject in self._erased]
        for tenant, subject in self._connection.execute(THERE, given).fetchall():
            seq = self._erased.get((tenant, subject)) or self._erased[tenant, tenant]
            yield Fault(tenant, seq, f"the key of {subject} is there, though they were erased")


def _finding(faults: Sequence[Fault], what: str, to_do: str) -> Finding:
    if not faults:
        return Finding(True, f"0 {what}")
    named = [f"company {one.tenant}, event {one.seq}: {one.what}" for one in faults[:MOST_NAMED]]
    more = [f"{len(faults) - MOST_NAMED} more"] if len(faults) > MOST_NAMED else []
    return Finding(False, f"{len(faults)} {what}: {'; '.join([*named, *more])}. {to_do}")
