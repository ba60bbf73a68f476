"""The company's own name and time zone."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

COMPANY = "SELECT name, time_zone FROM company WHERE tenant_id = %(tenant)s"


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """The company."""

    name: str
    time_zone: str


QUESTION = Question(COMPANY, CompanyRow, ("company",))


async def company(ask: Ask, tenant: str, *, as_of: AsOf | None = None) -> CompanyRow | None:
    """The company; None when the tenant has (or had) not signed up."""
    found = await ask(QUESTION, tenant, {}, as_of=as_of)
    return found[0] if found else None
