"""Load (平準化): who has how much to do, in which department, and what is late."""

from dataclasses import dataclass, field

from starlette.responses import Response

from queries.load import LoadRow, load
from services.console.rendering import page as render
from services.console.visit import Visit


@dataclass(slots=True)
class Person:
    """One person's rows, by department, and their sums."""

    member: str
    name: str | None
    rows: list[LoadRow] = field(default_factory=list)

    @property
    def open(self) -> int:
        """Open steps."""
        return sum(row.open for row in self.rows)

    @property
    def overdue(self) -> int:
        """Late ones among them."""
        return sum(row.overdue for row in self.rows)

    @property
    def due_this_week(self) -> int:
        """Those due until Sunday."""
        return sum(row.due_this_week for row in self.rows)


async def page(visit: Visit) -> Response:
    """The page."""
    rows = await load(visit.deps.ask, visit.tenant_id, today=visit.today, as_of=visit.as_of)
    people: dict[str, Person] = {}
    for row in rows:
        people.setdefault(row.member, Person(row.member, row.name)).rows.append(row)
    most = max((person.open for person in people.values()), default=1)
    return render(visit, "load.html", people=list(people.values()), most=most, departments=await visit.departments())
