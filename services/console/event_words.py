"""The short name of each event type, Japanese and English, for filters and references."""

from collections.abc import Mapping

from services.console.words import LANGS, Lang

EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    "tenant.signed_up": ("利用開始", "Signed up"),
    "tenant.trial_started": ("試用開始", "Trial started"),
    "tenant.plan_chosen": ("プラン変更", "Plan chosen"),
    "tenant.trial_ended": ("試用終了", "Trial ended"),
    "tenant.plan_change_scheduled": ("プラン変更の予約", "Plan change scheduled"),
    "tenant.plan_change_withdrawn": ("プラン変更予約の取消", "Plan change withdrawn"),
    "tenant.plan_change_refused": ("プラン変更の見送り", "Plan change refused"),
    "tenant.cancellation_scheduled": ("解約の予約", "Cancellation scheduled"),
    "tenant.cancellation_withdrawn": ("解約予約の取消", "Cancellation withdrawn"),
    "tenant.plan_cancelled": ("解約", "Cancellation"),
    "tenant.plan_lapsed": ("契約の失効", "Lapse"),
    "tenant.department_added": ("部門の追加", "Department added"),
    "tenant.member_joined": ("最初の所有者", "First owner"),
    "tenant.member_invited": ("招待", "Invitation"),
    "tenant.invitation_accepted": ("招待の承諾", "Invitation accepted"),
    "tenant.invitation_expired": ("招待の期限切れ", "Invitation expired"),
    "tenant.member_deactivated": ("利用停止", "Deactivation"),
    "tenant.member_reactivated": ("利用再開", "Reactivation"),
    "tenant.member_provisioned": ("ディレクトリからの登録", "Provisioned"),
    "tenant.member_renamed": ("氏名等の変更", "Renamed"),
    "tenant.member_moved": ("異動", "Moved"),
    "tenant.member_removed": ("ディレクトリからの削除", "Removed from the directory"),
    "tenant.permission_changed": ("権限の変更", "Permission changed"),
    "tenant.access_end_set": ("利用期限", "End of access"),
    "tenant.role_holders_set": ("役割の担い手", "Role holders"),
    "tenant.api_key_issued": ("APIキー発行", "API key issued"),
    "tenant.api_key_revoked": ("APIキー無効化", "API key revoked"),
    "tenant.handed_over": ("引継ぎ", "Handover"),
    "tenant.handover_undone": ("引継ぎの取消し", "Handover undone"),
    "tenant.absence_set": ("不在", "Absence"),
    "tenant.absence_ended": ("不在の終わり", "End of an absence"),
    "tenant.person_erased": ("個人情報の消去", "Person erased"),
    "tenant.member_linked": ("認証連携", "Identity linked"),
    "tenant.member_unlinked": ("認証連携の解除", "Identity unlinked"),
    "procedure.draft_saved": ("下書き保存", "Draft saved"),
    "procedure.published": ("手順の公開", "Procedure published"),
    "procedure.retired": ("手順の廃止", "Procedure retired"),
    "run.started": ("案件の開始", "Run started"),
    "run.step_ready": ("着手可", "Step ready"),
    "run.step_completed": ("工程の完了", "Step completed"),
    "run.step_approved": ("承認", "Approval"),
    "run.step_rejected": ("否認", "Rejection"),
    "run.step_sent_back": ("差戻し", "Sent back"),
    "run.step_reopened": ("やり直し", "Step reopened"),
    "run.step_skipped": ("省略", "Step skipped"),
    "run.step_reassigned": ("担当変更", "Reassignment"),
    "run.step_taken": ("引き受け", "Step taken"),
    "run.due_date_changed": ("期限変更", "Due date changed"),
    "run.commented": ("コメント", "Comment"),
    "run.completed": ("案件の完了", "Run completed"),
    "run.cancelled": ("取りやめ", "Run cancelled"),
    "run.subject_erased": ("対象者の消去", "Subject erased"),
    "command.refused": ("拒否", "Refusal"),
}


def event_word(kind: str, lang: Lang) -> str:
    """The short name of an event type; KeyError when it has none."""
    return EVENT_WORDS[kind][LANGS.index(lang)]
