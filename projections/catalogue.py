"""Every projection, in the order they are folded: what the projector, rebuilds and the law tests go through."""

from projections.directory import directory
from projections.engine import Projection
from projections.progress import progress
from projections.seats import seats
from projections.tasks import tasks
from projections.trail import trail

PROJECTIONS: tuple[Projection, ...] = (directory, progress, tasks, trail, seats)
BY_NAME = {projection.name: projection for projection in PROJECTIONS}
