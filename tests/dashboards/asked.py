"""Every dashboard there is, each asked as people ask it; the plans and the bench go through all of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.tenants.permissions import MAY, Permission
from queries.asking import Ask
from queries.dependence import dependence
from queries.dependence_by_procedure import dependence_by_procedure
from queries.done_by import done_by
from queries.due_counts import due_counts
from queries.due_steps import due_steps
from queries.flow_by_procedure import flow_by_procedure
from queries.flow_by_step import flow_by_step
from queries.load import load
from queries.my_tasks import my_tasks
from queries.on_time import on_time
from queries.on_time_by_step import on_time_by_step
from queries.only_they_did import only_they_did
from queries.open_steps import ByRule
from queries.progress_by_department import progress_by_department
from queries.progress_by_procedure import progress_by_procedure
from queries.progress_by_subject import progress_by_subject
from queries.returns_behind import returns_behind
from queries.rework import rework
from queries.run_list import run_list
from queries.runs_behind import runs_behind
from queries.runs_of_subject import runs_of_subject
from queries.seen import Viewer
from queries.trend import trend
from queries.turns_behind import turns_behind
from queries.waited import waited
from queries.waiting_behind import waiting_behind
from queries.waiting_for import waiting_for
from queries.waiting_now import waiting_now
from queries.weeks import Weeks
from queries.workload import workload

PAGE = 101
"""A page of 100, and one row more to know whether another follows."""


@dataclass(frozen=True)
class Asked:
    """Who asks about what."""

    viewer: Viewer | None
    member: str
    roles: Sequence[str]
    procedure: str
    department: str
    step: str
    run: str
    weeks: Weeks
    today: date

    @property
    def at(self) -> datetime:
        """The instant that is now."""
        return datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC)

    @property
    def in_weeks(self) -> dict[str, Any]:
        """Most dashboards: in some weeks, as the viewer may see them."""
        return {"weeks": self.weeks, "viewer": self.viewer}

    @property
    def soon(self) -> dict[str, Any]:
        """What is overdue, and due in two weeks."""
        return {"today": self.today, "since": date.min, "until": self.today + timedelta(days=14)}

    @property
    def by_rule(self) -> ByRule:
        """As if one person alone held every role of theirs."""
        return ByRule([self.member], dict.fromkeys(self.roles, self.member))

    @property
    def of_step(self) -> dict[str, Any]:
        """A list behind a step's figures."""
        return {**self.in_weeks, "procedure": self.procedure, "step": self.step, "limit": PAGE}


Dashboard = Callable[[Ask, str, Asked], Awaitable[Sequence[Any]]]

DASHBOARDS: Mapping[str, Dashboard] = {
    "flow": lambda ask, tenant, a: flow_by_procedure(ask, tenant, **a.in_weeks),
    "flow of a department": lambda ask, tenant, a: flow_by_procedure(
        ask, tenant, department=a.department, **a.in_weeks
    ),
    "flow of steps": lambda ask, tenant, a: flow_by_step(ask, tenant, procedure=a.procedure, **a.in_weeks),
    "waiting by step": lambda ask, tenant, a: waiting_now(ask, tenant, at=a.at, viewer=a.viewer),
    "waiting by person": lambda ask, tenant, a: waiting_for(
        ask, tenant, at=a.at, procedure=a.procedure, step=a.step, viewer=a.viewer
    ),
    "waited": lambda ask, tenant, a: waited(ask, tenant, **a.in_weeks),
    "rework": lambda ask, tenant, a: rework(ask, tenant, **a.in_weeks),
    "on time": lambda ask, tenant, a: on_time(ask, tenant, **a.in_weeks),
    "on time by step": lambda ask, tenant, a: on_time_by_step(ask, tenant, **a.in_weeks),
    "trend": lambda ask, tenant, a: trend(ask, tenant, **a.in_weeks),
    "trend of a procedure": lambda ask, tenant, a: trend(ask, tenant, procedure=a.procedure, **a.in_weeks),
    "runs started": lambda ask, tenant, a: runs_behind(ask, tenant, what="started", limit=PAGE, **a.in_weeks),
    "runs completed": lambda ask, tenant, a: runs_behind(ask, tenant, what="completed", limit=PAGE, **a.in_weeks),
    "runs of a procedure late": lambda ask, tenant, a: runs_behind(
        ask, tenant, what="late", procedure=a.procedure, limit=PAGE, **a.in_weeks
    ),
    "turns": lambda ask, tenant, a: turns_behind(ask, tenant, **a.of_step),
    "turns late": lambda ask, tenant, a: turns_behind(ask, tenant, what="late", **a.of_step),
    "returns": lambda ask, tenant, a: returns_behind(ask, tenant, **a.of_step),
    "steps that wait": lambda ask, tenant, a: waiting_behind(
        ask, tenant, at=a.at, procedure=a.procedure, step=a.step, viewer=a.viewer, limit=PAGE
    ),
    "steps that wait for a person": lambda ask, tenant, a: waiting_behind(
        ask, tenant, at=a.at, assignee=a.member, viewer=a.viewer, limit=PAGE
    ),
    "all steps that wait": lambda ask, tenant, a: waiting_behind(ask, tenant, at=a.at, viewer=a.viewer, limit=PAGE),
    "my tasks": lambda ask, tenant, a: my_tasks(ask, tenant, member=a.member, roles=a.roles, today=a.today, limit=PAGE),
    "progress by procedure": lambda ask, tenant, a: progress_by_procedure(ask, tenant, today=a.today, viewer=a.viewer),
    "progress by department": lambda ask, tenant, a: progress_by_department(
        ask, tenant, today=a.today, viewer=a.viewer
    ),
    "runs": lambda ask, tenant, a: run_list(ask, tenant, today=a.today, viewer=a.viewer, limit=PAGE),
    "load": lambda ask, tenant, a: load(ask, tenant, today=a.today, limit=PAGE),
    "due": lambda ask, tenant, a: due_counts(ask, tenant, viewer=a.viewer, **a.soon),
    "steps that are due": lambda ask, tenant, a: due_steps(
        ask, tenant, by_rule=a.by_rule, viewer=a.viewer, limit=PAGE, **a.soon
    ),
    "workload to come": lambda ask, tenant, a: workload(
        ask, tenant, this_week=a.weeks.last, by_rule=a.by_rule, viewer=a.viewer, limit=PAGE, **a.soon
    ),
    "dependence": lambda ask, tenant, a: dependence_by_procedure(ask, tenant, viewer=a.viewer),
    "dependence of steps": lambda ask, tenant, a: dependence(ask, tenant, procedure=a.procedure, viewer=a.viewer),
    "done by a person": lambda ask, tenant, a: done_by(
        ask, tenant, procedure=a.procedure, step=a.step, member=a.member, viewer=a.viewer, limit=PAGE
    ),
    "what stops": lambda ask, tenant, a: only_they_did(ask, tenant, member=a.member, roles=a.roles, viewer=a.viewer),
    "progress by subject": lambda ask, tenant, a: progress_by_subject(
        ask, tenant, today=a.today, erased="", viewer=a.viewer, limit=PAGE
    ),
    "runs of a subject": lambda ask, tenant, a: runs_of_subject(
        ask, tenant, run=a.run, erased="", viewer=a.viewer, limit=PAGE
    ),
}
"""By what they are called in the bench. A new one is one line here: plans and bench have it then."""


NEEDS: Mapping[str, str] = {
    "my tasks": "read_own_tasks",
    **dict.fromkeys(
        ("load", "workload to come", "dependence", "dependence of steps", "done by a person", "what stops"), "read_load"
    ),
}
"""What one must be allowed to ask for each, as its route and page say it; `read_dashboards` for all others."""


def viewers(member: str, roles: Sequence[str]) -> Mapping[Permission, Viewer | None]:
    """Who sees all, who sees what is not confidential, and who sees their own alone."""
    return {"manager": None, "member": Viewer(member, roles), "partner": Viewer(member, (), outside=True)}


def asked_by(name: str) -> list[Permission]:
    """Those of them who may ask for a dashboard."""
    return [who for who in viewers("", ()) if who in MAY[NEEDS.get(name, "read_dashboards")]]
