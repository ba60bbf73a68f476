"""How people fill in a step's form: every required field, most of the others, so that each branch is taken."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

from domain.procedures.definition import Field, Step
from services.demo.names import FIRMS

FILLED = 0.85
"""How many of the optional fields are filled in."""

USUAL: Mapping[str, Mapping[str, float]] = {
    "result": {"一致": 0.88, "差異あり": 0.12},
    "wish": {"継続": 0.6, "条件を変えて継続": 0.2, "終了": 0.2},
    "decision": {"継続": 0.6, "条件を変えて継続": 0.2, "終了": 0.2},
    "employment": {"新卒": 0.55, "中途": 0.45},
    "budget": {"予算内": 0.9, "予算外": 0.1},
    "class": {"固定資産": 0.2, "管理備品": 0.35, "消耗品": 0.45},
    "source": {"在庫": 0.4, "購入": 0.6},
}
"""How often a choice is made; others are even."""

YEN: Mapping[str, tuple[float, float]] = {
    "estimate": (80_000, 1.0),
    "chosen": (180_000, 0.6),
    "price": (130_000, 0.5),
    "total": (4_000_000, 0.7),
    "net": (-900_000, 0.4),
    "paid": (1_800_000, 0.4),
    "amount": (900_000, 1.6),
    "corrected-amount": (240_000, 0.8),
}
"""Amounts in yen: the median, and how far they spread (log-normal)."""

AHEAD = (
    "answer-on", "wanted-on", "deadline", "notice-by", "next-expiry", "expires-on", "last-day-at-work",
    "arrives-on",
)  # fmt: skip
"""Dates that lie some weeks ahead; the others are today's."""

TEXTS: Mapping[str, tuple[str, ...]] = {
    "item": ("ノートPC 1台", "オフィスチェア 4脚", "作業手袋 200双", "液晶モニター 2台", "工具 1式", "書類棚 3台"),
    "purpose": ("増員に伴う備品", "老朽化による更新", "安全対策", "来客対応", "生産ラインの改善"),
    "why": ("納期と価格の釣り合いが良いため", "保守の条件が良いため", "実績があるため"),
    "answer": ("指摘1は応じ、指摘2は原案を希望します。", "すべて応じます。", "責任の上限は契約額までとします。"),
    "findings": ("大口の納品が重なり売上が増加。", "繁忙対応で外注費が予算を超過。", "特筆すべき増減なし。"),
    "difference": ("単価が発注書と異なる。", "数量が1つ多い。", "消費税の端数が合わない。"),
    "trouble": ("共有フォルダに入れない", "印刷できない", "会議の音が出ない", "パスワードを忘れた", "メールが届かない"),
    "done": ("権限を付け直した", "ドライバを入れ直した", "設定を直し、手順を案内した", "仮パスワードを発行した"),
    "model": ("14型ノートPC 標準構成", "16型ノートPC 設計用", "デスクトップPC 検査用"),
    "place": ("本社3階", "第一工場 事務所", "営業部フロア", "倉庫 事務室"),
    "needs": ("標準PC、会計システムの閲覧権限", "標準PC、携帯電話", "設計用PC、CAD"),
    "contact": ("人事で把握している自宅あて",),
    "address": ("届出のある住所",),
    "reason": ("自己都合", "家庭の事情", "転職のため"),
    "method": ("書留郵便", "電子メールと書面"),
    "changes": ("単価の見直し", "契約期間を1年に", "特になし"),
    "licences": ("オフィス、メール", "オフィス、CAD"),
}
"""What is written in a text field, by its name; others get a short note."""


def fill(chance: Random, step: Step, today: date, person: str) -> dict[str, object]:
    """Values for the step's form; `person` is who is named where one is asked for."""
    filled = (field for field in step.fields if field.required or chance.random() < FILLED)
    return {field.id: FILLERS[field.kind](chance, field, today, person) for field in filled}


def yen(chance: Random, median: float, spread: float) -> str:
    """An amount as people write them: three significant digits."""
    amount = int(abs(median) * chance.lognormvariate(0, spread))
    rounding = 10 ** max(0, len(str(amount)) - 3)
    return str(amount // rounding * rounding * (-1 if median < 0 else 1))


def _amount(chance: Random, field: Field, _: date, __: str) -> str:
    if field.id == "difference":
        return "0" if chance.random() < 0.85 else yen(chance, 1_000, 1.0)
    return yen(chance, *YEN.get(field.id, (150_000, 0.8)))


def _text(chance: Random, field: Field, today: date, __: str) -> str:
    if field.id in ("supplier", "counterparty"):
        return chance.choice(FIRMS)
    if field.id in TEXTS:
        return chance.choice(TEXTS[field.id])
    if "番号" in field.title:
        return f"{today:%y%m}-{chance.randrange(100_000):05d}"
    return "確認しました。"


def _choice(chance: Random, field: Field, _: date, __: str) -> str:
    usual = USUAL.get(field.id, {})
    return chance.choices(field.choices, [usual.get(choice, 0.3) for choice in field.choices])[0]


def _date(chance: Random, field: Field, today: date, _: str) -> str:
    return (today + timedelta(days=chance.randrange(2, 30) if field.id in AHEAD else 0)).isoformat()


FILLERS: Mapping[str, Callable[[Random, Field, date, str], object]] = {
    "text": _text,
    "number": lambda chance, field, _, __: chance.randrange(1, 60),
    "amount": _amount,
    "date": _date,
    "choice": _choice,
    "check": lambda chance, field, _, __: True,
    "person": lambda chance, field, _, person: person,
    "file": lambda chance, field, _, __: chance.randbytes(32).hex(),
}
