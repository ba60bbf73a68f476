"""Who sees runs and procedures: what a feed is held against, for all who read it at once.

`queries/seen.py` asks the same for one member, `domain/confidential.py` decides it on states.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from queries.asking import Ask, Question
from queries.seen import Viewer

WHO_SEES = """
SELECT r.run_id AS id, true AS is_run, r.confidential, r.starter,
       coalesce(s.people, '{}') AS people, coalesce(s.roles, '{}') AS roles
FROM run_progress r CROSS JOIN LATERAL (
    SELECT array_remove(array_agg(p.assignee) || array_agg(p.done_by), NULL) AS people,
           array_agg(p.role) FILTER (WHERE p.status = 'ready' AND p.assignee IS NULL) AS roles
    FROM step_progress p WHERE p.tenant_id = %(tenant)s AND p.run_id = r.run_id) s
WHERE r.tenant_id = %(tenant)s AND r.run_id = ANY (%(ids)s::uuid[])
UNION ALL
SELECT c.procedure_id, false, c.confidential, NULL, c.people, ARRAY(SELECT jsonb_object_keys(c.roles))
FROM procedure_card c
WHERE c.tenant_id = %(tenant)s AND c.procedure_id = ANY (%(ids)s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class SeenBy:
    """A run, or a procedure, and who has a part in it: `people` by name, and whoever holds one of `roles`."""

    id: str
    is_run: bool
    confidential: bool
    starter: str | None
    people: Sequence[str]
    roles: Sequence[str]

    def sees(self, viewer: Viewer | None) -> bool:
        """Whether a member sees it; None sees all. To people from outside procedures are not news."""
        if viewer is None:
            return True
        if viewer.outside:
            return self.is_run and self._has_part(viewer)
        return not self.confidential or self.starter == viewer.member or self._has_part(viewer)

    def knows(self, viewer: Viewer, person: str | None) -> bool:
        """Whether a member who sees it may know that a person did something there: outsiders know those with a part."""
        return not viewer.outside or person in (viewer.member, self.starter, *self.people)

    def _has_part(self, viewer: Viewer) -> bool:
        return viewer.member in self.people or not set(viewer.roles).isdisjoint(self.roles)


QUESTION = Question(WHO_SEES, SeenBy, (), ("run_progress", "step_progress", "procedure_card"))


async def who_sees(ask: Ask, tenant: str, ids: Collection[str]) -> Mapping[str, SeenBy]:
    """Those of the runs and procedures that there are, by their ids, as they are now."""
    return {found.id: found for found in await ask(QUESTION, tenant, {"ids": list(ids)})} if ids else {}
