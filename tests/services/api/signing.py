"""A server that takes tokens of a real issuer, and members who come in by them."""

from typing import Any

from infra.oidc.configuration import Configuration
from infra.oidc.keys import IssuerKeys
from infra.oidc.tokens import Tokens
from tests.oidc_issuer import Issuer
from tests.services.api.world import Company, World

AIKO = "aiko@acme.example"


def reading(idp: Issuer, pause: float = 0.0, **changes: Any) -> Tokens:
    return Tokens(Configuration(idp.name, "ashiato", **changes), IssuerKeys(idp.name, patience=1.0, pause=pause))


async def member(acme: Company, email: str = AIKO, permission: str = "member") -> str:
    invited = await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": email, "permission": permission})
    await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    return str(invited["member"])


def verified(acme: Company, email: str = AIKO) -> dict[str, Any]:
    return {"ashiato_tenant": acme.tenant, "email": email, "email_verified": True}


async def status(api: World, token: str) -> int:
    return (await api.as_(token).get("/v1/me")).status_code
