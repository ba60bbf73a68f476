"""The demo companies as data: who works there, what work comes in, and which plan they grow into."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from domain.tenants.permissions import Permission
from services.demo.names import COMPANIES


@dataclass(frozen=True, slots=True)
class Post:
    """`count` people of one department who hold the same roles."""

    department: str
    roles: str = ""
    permission: Permission = "member"
    count: int = 1


@dataclass(frozen=True, slots=True)
class CompanyPlan:
    """A company before its first day. `a_month` says how many runs of a procedure begin in a month of scale 1.

    `hires` has the cohorts by month, `changes` the people who join or leave in mid-career in a year. `plans`
    are chosen in order: the first before the trial ends, the next ones when the seats run out.
    """

    name: str
    domain: str
    departments: Mapping[str, str]
    posts: tuple[Post, ...]
    plans: tuple[tuple[str, int | None], ...]
    a_month: Mapping[str, float]
    hires: Mapping[int, int] = field(default_factory=dict)
    changes: float = 6.0
    has_own_procedures: bool = False


AOBA = CompanyPlan(
    name="株式会社あおば製作所",
    domain="aoba.example",
    departments={
        "management": "経営",
        "hr": "人事部",
        "finance": "経理部",
        "legal": "法務部",
        "general-affairs": "総務部",
        "it": "情報システム部",
        "audit": "内部監査室",
        "sales": "営業部",
        "production": "製造部",
        "purchasing": "購買部",
    },
    posts=(
        Post("management", "executive", "owner"),
        Post("management", "cfo executive", "manager"),
        Post("it", "it-manager ciso", "admin"),
        Post("hr", "hr-manager dept-manager", "manager"),
        Post("hr", "hr", count=2),
        Post("hr", "labor", count=2),
        Post("hr", "labor", "partner"),
        Post("finance", "accounting-manager", "manager"),
        Post("finance", "accounting-manager"),
        Post("finance", "accounting", count=3),
        Post("legal", "legal-manager", "manager"),
        Post("legal", "legal", count=2),
        Post("general-affairs", "dept-manager", "manager"),
        Post("general-affairs", "general-affairs", count=3),
        Post("it", "it", count=3),
        Post("audit", "internal-control"),
        Post("audit", "", "auditor"),
        Post("sales", "dept-manager", "manager"),
        Post("sales", "ordering-dept payment-requester requester", count=2),
        Post("sales", "requester", count=4),
        Post("production", "dept-manager", "manager"),
        Post("production", "ordering-dept payment-requester successor", count=2),
        Post("production", "successor requester", count=5),
        Post("purchasing", "dept-manager", "manager"),
        Post("purchasing", "ordering-dept payment-requester requester", count=2),
    ),
    plans=(("standard", None), ("pro", None), ("enterprise", 400)),
    a_month={"fin-2": 20, "ga-2": 5, "leg-1": 4, "leg-2": 2, "it-1": 1.5, "help": 9},
    hires={4: 5, 10: 3},
    changes=7.0,
    has_own_procedures=True,
)

MIDORI = CompanyPlan(
    name="みどり商事株式会社",
    domain="midori.example",
    departments={
        "management": "経営",
        "hr": "人事",
        "finance": "経理",
        "legal": "法務",
        "general-affairs": "総務",
        "it": "情報システム",
        "sales": "営業部",
    },
    posts=(
        Post("management", "executive cfo", "owner"),
        Post("general-affairs", "dept-manager hr-manager", "admin"),
        Post("finance", "accounting-manager internal-control", "manager"),
        Post("finance", "accounting", count=2),
        Post("hr", "labor hr"),
        Post("hr", "labor", "partner"),
        Post("hr", "hr labor"),
        Post("legal", "legal-manager ciso", "manager"),
        Post("legal", "legal", count=2),
        Post("general-affairs", "general-affairs", count=2),
        Post("it", "it it-manager"),
        Post("it", "it"),
        Post("finance", "", "auditor"),
        Post("sales", "dept-manager executive", "manager"),
        Post("sales", "ordering-dept payment-requester requester successor", count=2),
        Post("sales", "requester successor"),
    ),
    plans=(("lite", None), ("standard", None), ("pro", None)),
    a_month={"fin-2": 8, "ga-2": 2, "leg-1": 1.5, "leg-2": 1, "it-1": 0.5},
    hires={4: 2, 10: 1},
    changes=3.0,
)


def scaled(plan: CompanyPlan, scale: float) -> CompanyPlan:
    """The same company with `scale` times the work coming in; who works there stays."""
    return replace(plan, a_month={code: rate * scale for code, rate in plan.a_month.items()})


def company_plans(count: int, scale: float = 1.0) -> Iterator[CompanyPlan]:
    """The two demo companies first; then others of their kind, each a little larger or smaller."""
    chance = Random(count)  # noqa: S311  # which invented company is how large is no secret
    for number in range(count):
        kind = (AOBA, MIDORI)[number % 2]
        if number < 2:
            yield scaled(kind, scale)
            continue
        name = COMPANIES[(number - 2) % len(COMPANIES)]
        plan = scaled(kind, scale * (0.7 + 0.6 * chance.random()))
        yield replace(plan, name=f"{name}{number - 1}号株式会社", domain=f"company{number}.example")
