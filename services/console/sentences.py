"""What each event says to a person: one sentence for each type, Japanese and English. A table, and how to read it.

`{actor}`, `{member}`, `{step}`, `{to}` and `{title}` come from the entry; `{old_…}` and `{new_…}` from what changed.
What an entry does not tell is shown as a dash.
"""

from collections.abc import Callable, Mapping
from typing import Any

from queries.trail import TrailRow
from services.console.words import LANGS, PERMISSIONS, PLANS, Lang, term, word

SENTENCES: Mapping[str, tuple[str, str]] = {
    "tenant.signed_up": ("「{new_name}」が利用を始めました", "{new_name} signed up"),
    "tenant.trial_started": (
        "試用が始まりました（{new_ends_at}まで、{new_seats}）",
        "The trial began (until {new_ends_at}, {new_seats})",
    ),
    "tenant.plan_chosen": (
        "{actor}がプランを{old_plan}から{new_plan}（{new_seats}）に変えました",
        "{actor} changed the plan from {old_plan} to {new_plan} ({new_seats})",
    ),
    "tenant.department_added": ("{actor}が部門「{new_title}」を加えました", "{actor} added the department {new_title}"),
    "tenant.member_joined": ("{member}が{new_permission}として加わりました", "{member} joined as {new_permission}"),
    "tenant.member_invited": (
        "{actor}が{member}を{new_permission}として招待しました（{new_expires_at}まで有効）",
        "{actor} invited {member} as {new_permission} (open until {new_expires_at})",
    ),
    "tenant.invitation_accepted": ("{member}が招待を受けました", "{member} accepted the invitation"),
    "tenant.invitation_expired": ("{member}への招待が期限切れになりました", "The invitation of {member} expired"),
    "tenant.member_deactivated": ("{actor}が{member}の利用を止めました", "{actor} deactivated {member}"),
    "tenant.member_reactivated": ("{actor}が{member}の利用を再開しました", "{actor} reactivated {member}"),
    "tenant.permission_changed": (
        "{actor}が{member}の権限を{old_permission}から{new_permission}に変えました",
        "{actor} changed the permission of {member} from {old_permission} to {new_permission}",
    ),
    "tenant.role_holders_set": (
        "{actor}が役割「{new_role}」の担い手を{old_members}から{new_members}に変えました",
        "{actor} changed who holds the role {new_role} from {old_members} to {new_members}",
    ),
    "tenant.api_key_issued": (
        "{actor}が{member}にAPIキー「{new_label}」を発行しました",
        "{actor} issued the API key “{new_label}” to {member}",
    ),
    "tenant.api_key_revoked": ("{actor}がAPIキーを無効にしました", "{actor} revoked an API key"),
    "procedure.draft_saved": (
        "{actor}が業務手順「{new_title}」の下書きを保存しました（{new_steps}工程）",
        "{actor} saved a draft of the procedure {new_title} ({new_steps} steps)",
    ),
    "procedure.published": (
        "{actor}が業務手順「{new_title}」の第{new_version}版を公開しました",
        "{actor} published version {new_version} of the procedure {new_title}",
    ),
    "procedure.retired": ("{actor}が業務手順「{title}」を廃止しました", "{actor} retired the procedure {title}"),
    "run.started": (
        "{actor}が「{new_title}」（第{new_version}版）を始めました",
        "{actor} started {new_title} (version {new_version})",
    ),
    "run.step_ready": (
        "「{step}」に着手できるようになりました（担当 {member}、期限 {new_due}）",
        "{step} became ready (assignee {member}, due {new_due})",
    ),
    "run.step_completed": ("{actor}が「{step}」を完了しました", "{actor} completed {step}"),
    "run.step_approved": ("{actor}が「{step}」を承認しました", "{actor} approved {step}"),
    "run.step_rejected": (
        "{actor}が「{step}」を承認せず、「{to}」へ差し戻しました",
        "{actor} rejected {step} and sent the work back to {to}",
    ),
    "run.step_sent_back": (
        "{actor}が「{step}」から「{to}」へ差し戻しました",
        "{actor} sent the work back from {step} to {to}",
    ),
    "run.step_reopened": ("{actor}が「{step}」をやり直しにしました", "{actor} reopened {step}"),
    "run.step_skipped": ("「{step}」を省略しました（{new_cause}）", "{step} was skipped ({new_cause})"),
    "run.step_reassigned": (
        "{actor}が「{step}」の担当を{old_assignee}から{new_assignee}に変えました",
        "{actor} reassigned {step} from {old_assignee} to {new_assignee}",
    ),
    "run.step_taken": ("{actor}が「{step}」を引き受けました", "{actor} took {step}"),
    "run.due_date_changed": (
        "{actor}が「{step}」の期限を{old_due}から{new_due}に変えました",
        "{actor} changed the due date of {step} from {old_due} to {new_due}",
    ),
    "run.commented": ("{actor}がコメントを書きました", "{actor} wrote a comment"),
    "run.completed": ("すべての工程が終わり、案件が完了しました", "Every step is closed: the run is complete"),
    "run.cancelled": ("{actor}が案件を取りやめました", "{actor} cancelled the run"),
    "command.refused": (
        "{actor}の操作「{new_command}」は受け付けられませんでした（{new_code}）",
        "{actor} was refused to {new_command} ({new_code})",
    ),
}

CAUSES: Mapping[str, tuple[str, str]] = {
    "condition": ("条件に当たらないため", "its condition does not hold"),
    "person": ("人の判断", "by a person"),
}
TERMS = {"permission": PERMISSIONS, "plan": PLANS, "cause": CAUSES}
PEOPLE = ("assignee", "members")
TIMES = ("ends_at", "expires_at")
NOTHING = "—"
NONE = {"plan": "trial", "seats": "no_limit"}
"""What a missing value means, where it means something."""

Shown = Callable[[str], str]
"""An instant or a day, as text, as a person reads it."""


class _Parts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return NOTHING


def sentence(entry: TrailRow, lang: Lang, names: Mapping[str, str], moment: Shown, day: Shown) -> str:
    """The sentence of an entry. `names` are those of members by id; KeyError for a type that has no sentence."""
    parts = _Parts(
        actor=entry.actor_name or word(lang, "unknown_member" if entry.actor else "system"),
        member=entry.member_name or word(lang, "unknown_member" if entry.member_id else "nobody"),
        step=entry.step_title or entry.step_id or NOTHING,
        to=entry.to_title or NOTHING,
        title=entry.stream_title or NOTHING,
    )
    for prefix, changed in (("old_", entry.old), ("new_", entry.new)):
        for key, value in (changed or {}).items():
            parts[prefix + key] = _shown(key, value, lang, names, moment, day)
    return SENTENCES[entry.type][LANGS.index(lang)].format_map(parts)


def _shown(key: str, value: Any, lang: Lang, names: Mapping[str, str], moment: Shown, day: Shown) -> str:
    if key in PEOPLE:
        return _people(value, lang, names)
    if value is None:
        return word(lang, NONE[key]) if key in NONE else NOTHING
    if key == "seats":
        return word(lang, "seats_counted", count=value)
    if key in TIMES:
        return moment(value)
    return day(value) if key == "due" else term(TERMS.get(key, {}), lang, str(value))


def _people(value: Any, lang: Lang, names: Mapping[str, str]) -> str:
    ids = value if isinstance(value, list) else [value] if value else []
    return "、".join(names.get(i) or word(lang, "unknown_member") for i in ids) or word(lang, "nobody")


def details(entry: TrailRow) -> list[tuple[str, str]]:
    """What an entry holds beside its sentence: form values that are not personal, anchors, a refusal's words."""
    new = entry.new or {}
    if entry.type == "run.step_completed":
        values = {**new.get("values", {}), **dict.fromkeys(new.get("personal", ()), "●●●")}
        return [(key, str(value)) for key, value in values.items() if value != ""]
    if entry.type == "run.started":
        return [(key, str(value)) for key, value in new.get("anchors", {}).items()]
    if entry.type == "command.refused":
        return [(new["code"], new["sentence"])]
    return []
