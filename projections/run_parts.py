"""Who has a part in a run, so that what is hidden from others is found for them; and what closed ones add up to."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

from projections.engine import Row, Rows, Tally
from projections.progress_tables import RunProgress

OPEN = datetime(9999, 1, 1, tzinfo=UTC)
"""When a run ends that is open."""
STARTER, ROLE = "starter:", "role:"

# The index finds somebody's open runs, those of some weeks, and the latest that ended, however many there were before.
PARTS_DDL = """
CREATE TABLE run_part (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, part text NOT NULL, confidential boolean NOT NULL,
    started_on date NOT NULL, until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id, part));
CREATE INDEX run_part_until ON run_part (tenant_id, part, confidential, until DESC, run_id) INCLUDE (started_on);
CREATE TABLE part_count (
    tenant_id uuid NOT NULL, part text NOT NULL, procedure_id uuid NOT NULL, department text NOT NULL,
    confidential boolean NOT NULL, procedure_version int NOT NULL, title text NOT NULL, completed bigint NOT NULL,
    cancelled bigint NOT NULL, sent_back bigint NOT NULL, lead_days bigint NOT NULL,
    PRIMARY KEY (tenant_id, part, procedure_id, department, confidential, procedure_version, title))
    WITH (fillfactor = 70);
"""


@dataclass(slots=True)
class RunPart(Row):
    """Somebody's part in a run that was started on a day and lasted `until` an instant, `OPEN` while it is open.

    `part` is a member who has or had a step; `starter:` and the member who began a confidential run; `role:` and the
    role of a step that is ready and nobody's. `queries/theirs.py` asks for them.
    """

    table: ClassVar[str] = "run_part"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("part",)
    tenant_id: str
    run_id: str
    part: str
    confidential: bool
    started_on: date
    until: datetime


@dataclass(slots=True)
class PartCount(Tally):
    """Closed runs in which a person had a part, by what became of them, as `RunCount` counts everyone's.

    Of whoever began a run and had a step in it, only the step counts; what a role could have done counts for nobody.
    """

    table: ClassVar[str] = "part_count"
    key: ClassVar[tuple[str, ...]] = (
        "part",
        "procedure_id",
        "department",
        "confidential",
        "procedure_version",
        "title",
    )
    tenant_id: str
    part: str
    procedure_id: str
    department: str
    confidential: bool
    procedure_version: int
    title: str
    completed: int
    cancelled: int
    sent_back: int
    lead_days: int


def hold_parts(rows: Rows, run: RunProgress, parts: Set[str]) -> None:
    """Let the run's parts be these, until it ended or without an end."""
    until = run.finished_at or OPEN
    held = {row.part: row.until for row in rows.all(RunPart)}
    for part, ended in held.items():
        if part not in parts:
            rows.drop(RunPart, part)
        elif ended != until:
            rows.change(RunPart, part).until = until
    for part in sorted(parts - held.keys()):
        rows.add(RunPart(run.tenant_id, run.run_id, part, run.confidential, run.started_on, until))


def counts_of_parts(rows: Rows, run: RunProgress) -> Iterator[PartCount]:
    """A closed run, once for each person with a part in it."""
    if run.finished_on is None:
        return
    is_completed = run.status == "completed"
    days = (run.finished_on - run.started_on).days if is_completed else 0
    what = (run.procedure_id, run.department, run.confidential, run.procedure_version, run.title)
    numbers = (int(is_completed), int(not is_completed), run.sent_back, days)
    for row in rows.all(RunPart):
        if not row.part.startswith(ROLE) and rows.get(RunPart, row.part.removeprefix(STARTER)) in (None, row):
            yield PartCount(run.tenant_id, row.part, *what, *numbers)
