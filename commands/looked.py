"""What a decision looks at, and what is asked before it: who asks, what they may see, which version they saw."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from commands.catalogue import Command
from commands.request import KeyRevoked, Request, StaleVersion
from commands.runs import ApproveStep, CompleteStep, RejectStep, SendBack, StartRun
from commands.states import Kind, Known
from commands.tenants import AcceptInvitation, SignUp, TenantCommand
from domain.confidential import is_hidden_from, may_see_procedure, may_see_run
from domain.ids import MemberId
from domain.procedures.state import Procedure
from domain.refusals import NotFound
from domain.runs.state import Run
from domain.services import permit_service
from domain.tenants.keys import check_key
from domain.tenants.member import Member
from domain.tenants.permitting import permit
from domain.tenants.state import Tenant

DONE_BY_DELEGATES = (CompleteStep, ApproveStep, RejectStep, SendBack)


@dataclass(slots=True)
class Looked:
    """The streams that a decision looked at; the written one is named. `loads` where a rule goes by them."""

    kind: Kind
    written: str
    known: dict[str, Known]
    fresh: bool = False
    loads: Mapping[MemberId, int] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """The version of the written stream."""
        return self.known[self.written].version


def signed(request: Request, command: Command) -> Request:
    """Who signs up or accepts an invitation is whom the command is about."""
    if request.actor is None and isinstance(command, SignUp):
        return replace(request, actor=command.owner)
    if request.actor is None and isinstance(command, AcceptInvitation):
        return replace(request, actor=command.member)
    return request


def actor(request: Request, command: Command, tenant: Tenant) -> Member | None:
    """Who asks, when they may; their credential must still be good in the state that is decided on."""
    if isinstance(command, TenantCommand) and command.open_to_all:
        return None
    if isinstance(command, TenantCommand) and command.by_service:
        permit_service(request.actor, request.key, command.name)
        return None
    key = None if request.key is None else tenant.keys.get(request.key)
    if request.key is not None and (key is None or not key.is_open(request.at)):
        raise KeyRevoked("expected a key that was not revoked and has not expired, but it was or has")
    member = permit(tenant, request.actor or MemberId(""), command.name, request.at)
    if key is not None:
        check_key(key, command.name)
    return member


def check_seen(request: Request, command: Command, looked: Looked) -> None:
    """What is confidential is as unknown as any other id to those whom it is none of, whatever they ask."""
    if looked.kind != "run":
        return  # whoever writes procedures sees them all
    tenant: Tenant = looked.known[request.tenant].state
    run: Run = looked.known[looked.written].state
    member = _asking(request, tenant)
    if run.procedure and is_hidden_from(run, member):
        definition = looked.known[run.procedure].state.versions[run.procedure_version]
        if not may_see_run(run, definition, tenant, member):
            raise no_such("run")
    if isinstance(command, StartRun) and not run.confidential:
        procedure: Procedure = looked.known[command.procedure].state
        if not procedure.exists or not may_see_procedure(procedure, tenant, member):
            raise no_such("procedure")


def for_whom(request: Request, command: Command, looked: Looked) -> Request:
    """A delegate who does a step of someone who is away acts on their behalf."""
    if not isinstance(command, DONE_BY_DELEGATES) or request.actor is None:
        return request
    tenant: Tenant = looked.known[request.tenant].state
    state = looked.known[looked.written].state.steps[command.step]
    if state.assignee != request.actor and tenant.stands_in(request.actor, state.assignee, tenant.today(request.at)):
        return replace(request, on_behalf_of=state.assignee)
    return request


def check_version(request: Request, looked: Looked) -> None:
    """The caller's If-Match, when there is one. Raises StaleVersion."""
    expected = request.expected_version
    if expected is not None and expected != looked.version:
        raise StaleVersion(
            f"expected version {expected}, but it is {looked.version} now", version=looked.version
        )


def no_such(kind: str) -> NotFound:
    """The refusal of an unknown id."""
    return NotFound(f"expected a {kind} of the company, but there is none of that id")


def _asking(request: Request, tenant: Tenant) -> Member | None:
    return tenant.members.get(request.actor or MemberId(""))
