"""Every projection, in the order they are folded: what the projector, rebuilds and the law tests go through."""

from projections.deadlines import deadlines
from projections.directory import directory
from projections.documents import documents
from projections.engine import Projection
from projections.exports import exports
from projections.plan import plan
from projections.progress import progress
from projections.seats import seats
from projections.tasks import tasks
from projections.trail import trail

PROJECTIONS: tuple[Projection, ...] = (
    directory,
    progress,
    tasks,
    trail,
    seats,
    plan,
    deadlines,
    documents,
    exports,
)
BY_NAME = {projection.name: projection for projection in PROJECTIONS}
