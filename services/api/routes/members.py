"""Routes for members and their API keys."""

from commands import access as a
from commands import tenants as c
from domain.ids import MemberId
from domain.tenants.decisions import InvitationNotOpen
from services.api import bodies as b
from services.api import duty_bodies as d
from services.api.answers import InvitationAnswer, KeyAnswer, made, told_once
from services.api.call import Answer, Call
from services.api.endpoint import OPEN, Endpoint
from services.api.envelope import Identity, identity, new_id, open_request, request_of
from services.api.keys import INVITATION, KEY, issue, presented
from services.api.routes.carrying import command
from services.api.routes.planned import rules_of

MEMBER = "/v1/members/{member}"


async def invite(call: Call) -> Answer:
    """Invite a person; the answer holds the token to send to them."""
    request, body = request_of(call), call.body
    member = MemberId(new_id(call, Identity(request.command, request.repeatable), call.tenant, "member"))
    token = issue(INVITATION, call.tenant, member)
    who = body.name, body.email, body.permission, body.department
    command_ = c.InviteMember(member, *who, token.sha256, body.access_ends_at)
    found = await call.deps.commands.execute(request, command_)
    return made(InvitationAnswer, found, f"/v1/members/{member}", member=member, **told_once(found, token.text))


async def accept(call: Call) -> Answer:
    """Join by a token; the answer holds the member's first key."""
    token = presented(INVITATION, call.body.token)
    if token is None or token.id != call.ids["member"]:
        raise InvitationNotOpen("expected an open invitation, but there is none")
    given = identity(call, call.headers.get(b"idempotency-key"), token.tenant + token.id)
    member, key = MemberId(token.id), new_id(call, given, token.tenant, "key")
    secret = issue(KEY, token.tenant, key)
    command_ = c.AcceptInvitation(member, token.sha256, key, secret.sha256)
    found = await call.deps.commands.execute(open_request(call, given, token.tenant, member), command_)
    return made(KeyAnswer, found, "/v1/me", member=member, key=key, **told_once(found, secret.text))


async def issue_key(call: Call) -> Answer:
    """Issue an API key; the answer holds it."""
    request, member = request_of(call), MemberId(call.body.member or call.member)
    key = new_id(call, Identity(request.command, request.repeatable), call.tenant, "key")
    secret = issue(KEY, call.tenant, key)
    limits = call.body.expires_at, call.body.read_only, call.body.only
    command_ = c.IssueApiKey(key, member, call.body.label, secret.sha256, *limits)
    found = await call.deps.commands.execute(request, command_)
    return made(KeyAnswer, found, "/v1/api-keys", member=member, key=key, **told_once(found, secret.text))


def _member(call: Call) -> MemberId:
    return MemberId(call.ids["member"])


def _deactivation(call: Call) -> c.DeactivateMember:
    return c.DeactivateMember(_member(call), rules_of(call.body.rules), call.body.handover)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/members",
        "invite_member",
        "Invite a person: it holds a seat for seven days. The token to send to them is in the answer, this once.",
        "invite_member",
        invite,
        201,
        b.InvitationBody,
        InvitationAnswer,
        carries_out=("invite_member",),
    ),
    Endpoint(
        "POST",
        f"{MEMBER}/acceptance",
        "accept_invitation",
        "Join by the token of one's invitation. The first API key is in the answer, this once.",
        OPEN,
        accept,
        201,
        b.AcceptanceBody,
        KeyAnswer,
        carries_out=("accept_invitation",),
    ),
    command("DELETE", MEMBER, c.DeactivateMember, _deactivation, d.DeactivationBody),
    command("PUT", f"{MEMBER}/activation", c.ReactivateMember, lambda call: c.ReactivateMember(_member(call))),
    command(
        "PUT",
        f"{MEMBER}/permission",
        c.ChangePermission,
        lambda call: c.ChangePermission(_member(call), call.body.permission, call.body.access_ends_at),
        b.PermissionBody,
    ),
    command(
        "PUT",
        f"{MEMBER}/access-end",
        a.ExtendAccess,
        lambda call: a.ExtendAccess(_member(call), call.body.ends_at),
        b.AccessBody,
    ),
    command(
        "PUT",
        f"{MEMBER}/identity",
        a.LinkIdentity,
        lambda call: a.LinkIdentity(_member(call), call.body.issuer, call.body.subject),
        b.IdentityBody,
    ),
    command("DELETE", f"{MEMBER}/identity", a.UnlinkIdentity, lambda call: a.UnlinkIdentity(_member(call))),
    Endpoint(
        "POST",
        "/v1/api-keys",
        "issue_api_key",
        "Issue an API key for oneself, limited or not; an owner, with a reason, for a member who has none. "
        "It is in the answer, once.",
        "issue_api_key",
        issue_key,
        201,
        b.KeyBody,
        KeyAnswer,
        carries_out=("issue_api_key",),
    ),
    command("DELETE", "/v1/api-keys/{key}", c.RevokeApiKey, lambda call: c.RevokeApiKey(call.ids["key"])),
)
