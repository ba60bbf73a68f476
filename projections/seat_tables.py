"""The tables of seats. Entries are written once and never change: a page of the ledger stays as it was read."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from projections.engine import Row

DDL = """
CREATE TABLE seat_member (
    tenant_id uuid NOT NULL, member_id uuid NOT NULL, permission text NOT NULL, kind text, expires_at timestamptz,
    invited_seq bigint, since_no bigint,
    PRIMARY KEY (tenant_id, member_id));
CREATE INDEX seat_member_held ON seat_member (tenant_id, since_no) WHERE since_no IS NOT NULL;
CREATE TABLE seat_count (
    tenant_id uuid NOT NULL PRIMARY KEY, time_zone text NOT NULL, month_at timestamptz NOT NULL,
    month_ends_at timestamptz NOT NULL, at timestamptz NOT NULL, no bigint NOT NULL, held int NOT NULL,
    invited int NOT NULL, seat_us bigint NOT NULL, invited_us bigint NOT NULL, joined int NOT NULL, gone int NOT NULL);
CREATE TABLE seat_entry (
    tenant_id uuid NOT NULL, no bigint NOT NULL, effective_at timestamptz NOT NULL, seq bigint NOT NULL,
    member_id uuid NOT NULL, was text, kind text, since_no bigint, cause text NOT NULL,
    cause_seq bigint NOT NULL, expires_at timestamptz, invited_seq bigint,
    held int NOT NULL, invited int NOT NULL, month_at timestamptz NOT NULL, seat_us bigint NOT NULL,
    invited_us bigint NOT NULL, joined int NOT NULL, gone int NOT NULL,
    PRIMARY KEY (tenant_id, no));
CREATE INDEX seat_entry_time ON seat_entry (tenant_id, effective_at, no);
CREATE INDEX seat_entry_peak ON seat_entry (tenant_id, month_at, held DESC, no);
CREATE INDEX seat_entry_member ON seat_entry (tenant_id, member_id, no);
CREATE INDEX seat_entry_expiry ON seat_entry (tenant_id, expires_at) WHERE kind = 'invited';
CREATE TABLE seat_noted (
    tenant_id uuid NOT NULL, member_id uuid NOT NULL, seq bigint NOT NULL,
    PRIMARY KEY (tenant_id, member_id));
CREATE TABLE seat_limit (
    tenant_id uuid NOT NULL, seq bigint NOT NULL, from_at timestamptz NOT NULL, plan text, seats int,
    ends_at timestamptz,
    PRIMARY KEY (tenant_id, seq));
"""


@dataclass(slots=True)
class SeatMember(Row):
    """A member as seats see them. `kind` is None for who is not there; `since_no` is the entry of the seat held now."""

    table: ClassVar[str] = "seat_member"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("member_id",)
    tenant_id: str
    member_id: str
    permission: str
    kind: str | None = None
    expires_at: datetime | None = None
    invited_seq: int | None = None
    since_no: int | None = None


@dataclass(slots=True)
class SeatCount(Row):
    """The company's counts at the last entry, number `no`, whose instant is `at`.

    Of the month that began at `month_at`: `seat_us` and `invited_us` are seats times microseconds until `at`,
    `joined` and `gone` how many seats were taken and given back.
    """

    table: ClassVar[str] = "seat_count"
    scope: ClassVar[str] = "tenant_id"
    tenant_id: str
    time_zone: str
    month_at: datetime
    month_ends_at: datetime
    at: datetime
    no: int = 0
    held: int = 0
    invited: int = 0
    seat_us: int = 0
    invited_us: int = 0
    joined: int = 0
    gone: int = 0


@dataclass(slots=True)
class SeatEntry(Row):
    """A seat was taken, given back, or held in another way from then on, at `effective_at`.

    Entries are numbered from 1 in the order of their instants. `was` and `kind` are how the seat was held before and
    after: invited, active or None; `since_no` is the entry that ends here. `cause` is the event type that says why,
    `cause_seq` the event that says who; for an invitation that ran out that is the invitation. `seq` is the event at
    which the entry was written. The counts are those after it, as in `SeatCount`.
    """

    table: ClassVar[str] = "seat_entry"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("no",)
    ledger: ClassVar[bool] = True
    tenant_id: str
    no: int
    effective_at: datetime
    seq: int
    member_id: str
    was: str | None
    kind: str | None
    since_no: int | None
    cause: str
    cause_seq: int
    expires_at: datetime | None
    invited_seq: int | None
    held: int
    invited: int
    month_at: datetime
    seat_us: int
    invited_us: int
    joined: int
    gone: int


@dataclass(slots=True)
class SeatNoted(Row):
    """The event that noted that an invitation had run out; its seat was free before."""

    table: ClassVar[str] = "seat_noted"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("member_id",)
    ledger: ClassVar[bool] = True
    tenant_id: str
    member_id: str
    seq: int


@dataclass(slots=True)
class SeatLimit(Row):
    """The limit from an event on; None is no limit. `ends_at` is a trial's end; before the trial there is no seat."""

    table: ClassVar[str] = "seat_limit"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("seq",)
    ledger: ClassVar[bool] = True
    tenant_id: str
    seq: int
    from_at: datetime
    plan: str | None
    seats: int | None
    ends_at: datetime | None
