"""Which command a deadline leads to, and under which id: the same for every process, so it is carried out once."""

from collections.abc import Callable, Mapping
from datetime import UTC
from uuid import NAMESPACE_URL, uuid5

from commands.catalogue import Command
from commands.plans import ApplyPlanChange, EndTrial, ExpireInvitation
from domain.ids import CommandId, MemberId
from infra.read_store.deadlines import Deadline
from projections.deadlines import INVITATION, PLAN_CHANGE, TRIAL

COMMANDS: Mapping[str, Callable[[Deadline], Command]] = {
    TRIAL: lambda _: EndTrial(),
    INVITATION: lambda deadline: ExpireInvitation(MemberId(deadline.subject)),
    PLAN_CHANGE: lambda _: ApplyPlanChange(),
}
"""The command of each kind of deadline. All are by service: SERVICES_MAY (`domain/services.py`) names the scheduler."""

NAMESPACE = uuid5(NAMESPACE_URL, "ashiato:deadline")


def command_of(deadline: Deadline) -> Command:
    """The command that a deadline leads to; KeyError for a kind that this program does not know."""
    return COMMANDS[deadline.kind](deadline)


def command_id(deadline: Deadline) -> CommandId:
    """The id of that command: it follows from company, kind, subject and the instant that was set."""
    parts = (deadline.tenant, deadline.kind, deadline.subject, deadline.at.astimezone(UTC).isoformat())
    return CommandId(str(uuid5(NAMESPACE, "\n".join(parts))))
