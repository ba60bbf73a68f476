"""What dashboards of flow share: which runs are asked about, and their routes."""

from services.api import sheets
from services.api.call import Call, Handler
from services.api.endpoint import Endpoint, Query
from services.api.routes.figures import FROM, PROCEDURE, TO, Figures, dashboard
from services.api.routes.run_reads import DEPARTMENT

FILTERS = (PROCEDURE, DEPARTMENT, FROM, TO, sheets.FORMAT)


def only(call: Call) -> dict[str, str | None]:
    """Which runs are asked about."""
    return {"procedure": call.query.get("procedure"), "department": call.query.get("department")}


def of_procedure(call: Call, procedure: str) -> dict[str, str | None]:
    """Those of one procedure, among the runs that are asked about."""
    return {"procedure": procedure, "department": call.query.get("department")}


def flow_dashboard(
    path: str, name: str, about: str, handle: Handler, row: type, *, query: tuple[Query, ...]
) -> Endpoint:
    """A dashboard of flow: its route, as JSON or as a sheet."""
    about = f"{about} Each number leads to what is behind it. JSON, or CSV (`Accept: text/csv`)."
    return dashboard(path, name, "read_dashboards", about, handle, Figures[row], *query)  # type: ignore[valid-type]
