"""What each entry of the seat ledger says to a person, Japanese and English: who got or lost a seat, and why."""

from collections.abc import Callable, Mapping

from queries.seat_entries import SeatLine
from services.console.words import LANGS, PERMISSIONS, Lang, term, word

SEAT_WORDS: Mapping[str, tuple[str, str]] = {
    "tenant.member_joined": (
        "{member}が会社の利用を始め、最初の席を持ちました",
        "{member} signed the company up and took the first seat",
    ),
    "tenant.member_invited": (
        "{actor}が{member}を招待しました（{expires}まで席を確保）",
        "{actor} invited {member} (a seat is kept until {expires})",
    ),
    "tenant.invitation_accepted": (
        "{member}が招待を受け、確保されていた席に着きました",
        "{member} accepted the invitation and took the seat that was kept",
    ),
    "accepted late": (
        "{member}の招待の承諾が期限の後に記録され、席を使い始めました",
        "{member} accepted in time, which was recorded after the invitation had run out, and took a seat",
    ),
    "tenant.member_provisioned": (
        "{actor}のディレクトリ連携により{member}が登録され、席を使い始めました",
        "The directory ({actor}) brought {member} in, who took a seat",
    ),
    "provisioned on an invitation": (
        "{actor}のディレクトリ連携により{member}が登録され、招待で確保されていた席に着きました",
        "The directory ({actor}) brought {member} in, who took the seat that the invitation kept",
    ),
    "provisioned without a seat": (
        "{actor}のディレクトリ連携により{member}が席なしで登録され、招待の席が空きました",
        "The directory ({actor}) knows {member} without a seat: that of the invitation is free",
    ),
    "tenant.invitation_expired": (
        "{member}への招待が期限切れになり、席が空きました",
        "The invitation of {member} ran out: the seat is free",
    ),
    "tenant.member_deactivated": (
        "{actor}が{member}の利用を止め、席が空きました",
        "{actor} deactivated {member}: the seat is free",
    ),
    "withdrawn": (
        "{actor}が{member}への招待を取り消し、席が空きました",
        "{actor} withdrew the invitation of {member}: the seat is free",
    ),
    "tenant.member_reactivated": (
        "{actor}が{member}の利用を再開し、席を使い始めました",
        "{actor} took {member} back, who took a seat",
    ),
    "takes a seat now": (
        "{actor}が{member}を{old}から{new}に変え、席が必要になりました",
        "{actor} changed {member} from {old} to {new}, which takes a seat",
    ),
    "takes none now": (
        "{actor}が{member}を{old}から{new}に変え、席が空きました",
        "{actor} changed {member} from {old} to {new}, which takes no seat",
    ),
}


def seat_words(line: SeatLine, lang: Lang, moment: Callable[..., str]) -> tuple[str, dict[str, str]]:
    """The sentence of an entry, and what its braces stand for; KeyError for a cause that has none."""
    unknown = word(lang, "unknown_member")
    parts = {
        "member": line.member_name or unknown,
        "actor": line.actor_name or (unknown if line.actor else word(lang, "system")),
        "expires": moment(line.expires_at) if line.expires_at else "—",
        "old": term(PERMISSIONS, lang, line.old_permission or "—"),
        "new": term(PERMISSIONS, lang, line.new_permission or "—"),
    }
    return SEAT_WORDS[_of(line)][LANGS.index(lang)], parts


def _of(line: SeatLine) -> str:
    if line.cause == "tenant.permission_changed":
        return "takes a seat now" if line.change > 0 else "takes none now"
    if line.cause == "tenant.member_provisioned" and line.was:
        return "provisioned on an invitation" if line.kind else "provisioned without a seat"
    if line.cause == "tenant.member_deactivated" and line.was == "invited":
        return "withdrawn"
    if line.cause == "tenant.invitation_accepted" and line.change:
        return "accepted late"
    return line.cause
