"""What people are like: how soon they act, how often late, and what they say when things go wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from services.demo.hours import Hours

LATE = (0.01, 0.02, 0.03, 0.05, 0.15)
"""How often a person is late, by temper: one in five often is."""

IN_DAYS = ((0.5, 0), (0.8, 1), (0.93, 2), (0.98, 3), (1.0, 5))
"""In how many business days a step is done when nothing presses: cumulative share → days."""

INCIDENTS: Mapping[str, float] = {
    "comment": 0.05,
    "move_due": 0.025,
    "reassign": 0.02,
    "send_back": 0.015,
    "skip": 0.008,
    "intrude": 0.004,
    "help_themselves": 0.004,
}
"""What happens instead of a step's completion, and how often."""

REJECTIONS = 0.06
CANCELLATIONS = 0.015
REOPENINGS = 0.02

REASONS: Mapping[str, tuple[str, ...]] = {
    "reject": (
        "根拠資料が添付されていません。添えて再提出してください。",
        "金額が前回の見積りと合いません。確認をお願いします。",
        "日付の記載に誤りがあります。",
        "承認の条件を満たしていません。理由を追記してください。",
    ),
    "send_back": (
        "入力に漏れがあります。",
        "添付のファイルが別の案件のものでした。",
        "前の工程の内容と数字が合いません。",
    ),
    "skip": ("今回は対象がないため。", "別の案件でまとめて実施済みのため。", "先方の都合で不要になったため。"),
    "reassign": ("休暇のため引き継ぎます。", "担当の負荷を平準化するため。", "内容に詳しい人に任せるため。"),
    "handover": ("退職に伴う引継ぎ。",),
    "absent": ("担当者が不在のため。",),
    "move_due": ("先方の回答待ちのため。", "月末の繁忙を避けるため。", "書類の到着が遅れているため。"),
    "cancel": ("依頼が取り下げられたため。", "重複して開始していたため。", "計画が見直されたため。"),
    "reopen": ("提出後に訂正が見つかったため。", "監査の指摘を受けて記録を補うため。"),
    "leave": ("退職のため。", "契約が終わるため。"),
    "leave_of_absence": ("休職のため。",),
    "return": ("復職のため。",),
    "permission": ("担当業務の変更に伴うため。", "組織変更のため。"),
    "sign_in": ("監査法人の認証基盤からサインインするため。",),
    "account": ("監査法人のアカウントが変わったため。",),
    "plan": ("増員により席が足りなくなるため。",),
    "retire": ("会議室予約システムへ移行したため。",),
    "mistake": ("担当を間違えました。",),
}

REMARKS = (
    "先方に確認中です。明日までに回答をもらえる予定です。",
    "資料を共有フォルダに置きました。",
    "前回と同じ手順で進めます。",
    "不明点があったので電話で確認しました。",
    "期日までに終わる見込みです。",
    "少し遅れています。今週中に対応します。",
    "原本は総務のキャビネットにあります。",
    "念のため、ダブルチェックをお願いします。",
)


@dataclass(frozen=True, slots=True)
class Temper:
    """How one person works."""

    late: float

    def day_for(self, chance: Random, hours: Hours, today: date, due: date | None) -> date:
        """The business day on which they do a step that is due then: often early, sometimes late."""
        days = _days(chance)
        if due is not None and due < today:
            return hours.business_day(today, days // 2)
        usual = hours.business_day(today, days)
        if due is None:
            return usual
        if chance.random() < self.late:
            return hours.business_day(due, 2 + 2 * days)
        if usual >= due:
            return max(today, hours.before(due))
        if chance.random() < 0.5:
            return usual
        return max(usual, hours.before(usual + (due - usual) * chance.random() ** 0.5))

    def moment_for(self, chance: Random, hours: Hours, at: datetime, due: date | None) -> datetime:
        """The moment at which they do a step that is ready since `at`."""
        today = hours.today(at)
        day = self.day_for(chance, hours, today, due)
        return hours.soon(at, 45) if day <= today else hours.on(day)


def temper(chance: Random) -> Temper:
    """Somebody."""
    return Temper(chance.choice(LATE))


def incident(chance: Random) -> str | None:
    """What comes between, if anything: a key of INCIDENTS."""
    dice = chance.random()
    for what, share in INCIDENTS.items():
        dice -= share
        if dice < 0:
            return what
    return None


def reason(chance: Random, what: str) -> str:
    """What they say."""
    return chance.choice(REASONS[what])


def later_due(chance: Random, hours: Hours, today: date, due: date | None) -> date:
    """The day to which a due date is moved."""
    return hours.business_day(max(today, due or today) + timedelta(days=1), chance.randrange(1, 6))


def _days(chance: Random) -> int:
    dice = chance.random()
    return next(days for share, days in IN_DAYS if dice <= share)
