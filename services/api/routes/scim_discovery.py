"""Routes for what SCIM says of the server itself."""

from typing import Any

from domain.refusals import NotFound
from services.api.call import Answer, Call
from services.api.scim import discovery
from services.api.scim.names import BASE
from services.api.scim.routing import answered, asks, now


async def provider(_: Call) -> Answer:
    """What SCIM can do here."""
    return answered(discovery.provider())


async def resource_types(_: Call) -> Answer:
    """The kinds of resources."""
    return answered(discovery.listed(found := discovery.resource_types(), len(found)))


async def resource_type(call: Call) -> Answer:
    """One kind of resources."""
    return answered(_named(discovery.resource_types(), call.ids["kind"]))


async def schemas(call: Call) -> Answer:
    """The schemas, with the company's departments."""
    return answered(discovery.listed(found := discovery.schemas(await now(call)), len(found)))


async def schema(call: Call) -> Answer:
    """One schema."""
    return answered(_named(discovery.schemas(await now(call)), call.ids["schema"]))


def _named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for each in found:
        if each["id"] == name:
            return each
    raise NotFound("expected the id of a SCIM document, but there is none of that name")


ENDPOINTS = (
    asks(f"{BASE}/ServiceProviderConfig", "scim_provider", "What SCIM can do here.", provider),
    asks(f"{BASE}/ResourceTypes", "scim_resource_types", "The kinds of resources.", resource_types),
    asks(f"{BASE}/ResourceTypes/{{kind}}", "scim_resource_type", "One kind of resources.", resource_type),
    asks(f"{BASE}/Schemas", "scim_schemas", "The schemas, with the company's departments.", schemas),
    asks(f"{BASE}/Schemas/{{schema}}", "scim_schema", "One schema.", schema),
)
