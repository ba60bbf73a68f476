"""A year of one company's seats as data: who does what on which day, and why. Add a line, and it is played.

Every command a tenant knows can stand in the story; one that is to be refused says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from commands import tenants as t
from commands.catalogue import Command
from commands.plans import ApplyPlanChange
from domain.ids import MemberId
from domain.refusals import Refusal
from domain.services import SCHEDULER
from domain.tenants.decisions import SeatLimitReached
from domain.tenants.permissions import Permission

OWNER = "青木 葵"
COMPANY, ZONE = "有限会社さざなみ商店", "Asia/Tokyo"
TOKEN = sha256(b"a demo's invitation").hexdigest()


@dataclass(frozen=True, slots=True)
class Cast:
    """The people by their names, and ids for what is new."""

    members: dict[str, MemberId]
    new_id: Callable[[], str]

    def id(self, name: str) -> MemberId:
        """Whoever is called so; a new member, when nobody is yet."""
        return self.members.setdefault(name, MemberId(self.new_id()))


Make = Callable[[Cast], Command]


@dataclass(frozen=True, slots=True)
class Act:
    """What happens at a moment where the company is: the command, who gives it, why, and how it is refused."""

    at: datetime
    make: Make
    by: str = OWNER
    reason: str | None = None
    refused: type[Refusal] | None = None


def story() -> list[Act]:
    """The year, from April 2024 to March 2025, in order."""
    acts = [
        Act(_at(4, 1), _sign_up),
        *_join(4, 2, "石田 徹", "admin"),
        *(act for n, name in enumerate(FIRST) for act in _join(4, 3 + n % 5, name)),
        Act(_at(4, 12), lambda _: t.ChoosePlan("lite")),
        *_join(5, 7, "黒田 由美", "partner"),
        *_join(5, 9, "監査 太郎", "auditor"),
        Act(_at(5, 13), _invite("返事の ない人")),
        *_join(6, 3, "柴田 香織"),
        Act(_at(6, 12), _invite("宛先 違い")),
        Act(_at(6, 13), _deactivate("宛先 違い"), reason="メールアドレスの誤りのため取り消し"),
        Act(_at(7, 31, 18), _deactivate("小島 翔"), reason="一身上の都合により退職"),
        *(act for n, name in enumerate(SUMMER) for act in _join(8, 5 + n, name)),
        Act(_at(8, 20), _invite("高木 玲奈"), refused=SeatLimitReached),
        Act(_at(8, 20, 11), lambda _: t.ChoosePlan("standard"), reason="中途採用が続き、20席では足りないため"),
        *_join(8, 20, "高木 玲奈", hour=13),
        Act(_at(9, 17), _deactivate("久保 彩"), reason="産前産後休業に入るため"),
        *(act for n, name in enumerate(AUTUMN) for act in _join(10, 1 + n, name)),
        Act(_at(10, 21), _change("監査 太郎", "manager"), reason="監査を終え、経理部の責任者として着任"),
        Act(_at(11, 29, 18), _deactivate("黒田 由美"), by="石田 徹", reason="業務委託契約の満了"),
        Act(_at(12, 2), lambda _: t.ChoosePlan("lite"), reason="経費削減", refused=SeatLimitReached),
        Act(_at(1, 8), lambda cast: t.ReactivateMember(cast.id("久保 彩"))),
        Act(_at(1, 24, 18), _deactivate(AUTUMN[0]), reason="出向先への転籍"),
        Act(_at(1, 27), _change("和田 誠", "auditor"), reason="内部監査室へ異動"),
        *(Act(_at(1, 31, 18), _deactivate(name), reason="拠点の閉鎖に伴う退職") for name in SUMMER),
        Act(_at(2, 3), lambda _: t.ChoosePlan("lite"), by="石田 徹", reason="拠点の閉鎖により20席で足りるため"),
        Act(_at(3, 1, 0), lambda _: ApplyPlanChange(), by=SCHEDULER.japanese),
        Act(_at(3, 24), _invite("四月 入社")),
    ]
    return sorted(acts, key=lambda act: act.at)


FIRST = ("井上 一郎", "上野 明子", "遠藤 篤", "岡本 絵里", "片山 健太", "久保 彩", "小島 翔", "近藤 早苗", "斎藤 修",
         "清水 千尋", "竹内 大輔", "土屋 智子")  # fmt: skip
SUMMER = ("内藤 直樹", "永井 真由", "西川 信夫", "野村 亮", "橋本 美咲")
AUTUMN = ("服部 隼人", "福田 久美", "和田 誠")


def _at(month: int, day: int, hour: int = 10) -> datetime:
    """A moment of the year, nine hours ahead of UTC."""
    year = 2024 if month > 3 else 2025
    return datetime.fromisoformat(f"{date(year, month, day)}T{hour:02}:00:00+09:00")


def _join(month: int, day: int, name: str, permission: Permission = "member", hour: int = 10) -> list[Act]:
    """Someone is invited, and joins the next morning."""
    at = _at(month, day, hour)
    return [Act(at, _invite(name, permission)), Act(at + timedelta(hours=23), _accept(name), by=name)]


def _sign_up(cast: Cast) -> Command:
    key, digest = cast.new_id(), sha256(b"a demo's key").hexdigest()
    return t.SignUp(COMPANY, ZONE, cast.id(OWNER), OWNER, "owner@sazanami.example", key, digest)


def _invite(name: str, permission: Permission = "member") -> Make:
    def make(cast: Cast) -> Command:
        member = cast.id(name)
        return t.InviteMember(member, name, f"{member}@sazanami.example", permission, None, TOKEN)

    return make


def _accept(name: str) -> Make:
    return lambda cast: t.AcceptInvitation(
        cast.id(name), TOKEN, cast.new_id(), sha256(name.encode()).hexdigest()
    )


def _deactivate(name: str) -> Make:
    return lambda cast: t.DeactivateMember(cast.id(name))


def _change(name: str, permission: Permission) -> Make:
    return lambda cast: t.ChangePermission(cast.id(name), permission)
