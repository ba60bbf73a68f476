"""Routes for the company: sign up, departments, roles."""

from commands import tenants as c
from domain.ids import DepartmentId, MemberId, RoleId, TenantId
from services.api import bodies as b
from services.api.answers import SignUpAnswer, made, told_once
from services.api.call import Answer, Call
from services.api.endpoint import OPEN, Endpoint
from services.api.envelope import identity, new_id, open_request
from services.api.keys import KEY, issue
from services.api.refusals import SignUpClosed
from services.api.routes.carrying import command


async def sign_up(call: Call) -> Answer:
    """Open a company's account; the answer holds its owner's key."""
    if not call.deps.settings.open_sign_up:
        raise SignUpClosed("expected open sign-up, but this server's operator opens accounts")
    body: b.SignUpBody = call.body
    # Two companies may choose the same key text; one address does not sign up two companies under it.
    given = identity(call, call.headers.get(b"idempotency-key"), body.owner.email.strip().lower())
    tenant = TenantId(new_id(call, given, body.owner.email.strip().lower(), "tenant"))
    owner = MemberId(new_id(call, given, tenant, "owner"))
    key = new_id(call, given, tenant, "key")
    secret = issue(KEY, tenant, key)
    command_ = c.SignUp(body.company, body.time_zone, owner, body.owner.name, body.owner.email, key, secret.sha256)
    found = await call.deps.commands.execute(open_request(call, given, tenant, None), command_)
    once = told_once(found, secret.text)
    return made(SignUpAnswer, found, "/v1/me", tenant=tenant, member=owner, key=key, **once)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/tenants",
        "sign_up",
        "Open a company's account, on trial. The owner's API key is in the answer, this once.",
        OPEN,
        sign_up,
        201,
        b.SignUpBody,
        SignUpAnswer,
        carries_out=("sign_up",),
    ),
    command(
        "PUT",
        "/v1/departments/{department}",
        c.AddDepartment,
        lambda call: c.AddDepartment(DepartmentId(call.ids["department"]), call.body.title),
        b.DepartmentBody,
    ),
    command(
        "PUT",
        "/v1/roles/{role}",
        c.SetRoleHolders,
        lambda call: c.SetRoleHolders(RoleId(call.ids["role"]), call.body.members),
        b.RoleBody,
    ),
)
