"""What each event says to a person: one sentence for each type, Japanese and English. Each says who did it.

`{actor}` (and on whose behalf), `{member}`, `{step}`, `{to}` and `{title}` come from the entry; `{old_…}` and
`{new_…}` from what changed. What an entry does not tell is shown as a dash.
"""

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "tenant.signed_up": ("{actor}が「{new_name}」の利用を始めました", "{actor} signed {new_name} up"),
    "tenant.trial_started": (
        "{actor}の申し込みで試用が始まりました（{new_ends_at}まで、{new_seats}）",
        "{actor} began the trial (until {new_ends_at}, {new_seats})",
    ),
    "tenant.plan_chosen": (
        "{actor}がプランを{old_plan}から{new_plan}（{new_seats}）に変えました",
        "{actor} changed the plan from {old_plan} to {new_plan} ({new_seats})",
    ),
    "tenant.trial_ended": (
        "試用がプランの選択なしに{new_ended_at}で終わりました（{actor}が記録）",
        "The trial ended on {new_ended_at} without a plan (noted by {actor})",
    ),
    "tenant.plan_change_scheduled": (
        "{actor}がプランを{old_plan}から{new_plan}（{new_seats}）に変える予約をしました（{new_effective_at}から）",
        "{actor} scheduled a change of the plan from {old_plan} to {new_plan} ({new_seats}) as of {new_effective_at}",
    ),
    "tenant.plan_change_withdrawn": (
        "{actor}が{old_effective_at}に予定していた{old_plan}（{old_seats}）への変更を取り消しました",
        "{actor} withdrew the change to {old_plan} ({old_seats}) that was to come on {old_effective_at}",
    ),
    "tenant.plan_change_refused": (
        "{actor}は{new_plan}への変更を見送りました（{new_seats}のところ{new_surplus}席超過、{new_members}）。{old_plan}のままです",
        "{actor} left the plan at {old_plan}: {new_plan} has {new_seats}, {new_surplus} more are held by {new_members}",
    ),
    "tenant.cancellation_scheduled": (
        "{actor}が{old_plan}の解約を予約しました（{new_effective_at}まで利用可）",
        "{actor} cancelled {old_plan} as of {new_effective_at}",
    ),
    "tenant.cancellation_withdrawn": (
        "{actor}が{old_effective_at}に予定していた{old_plan}の解約を取り消しました",
        "{actor} withdrew the cancellation of {old_plan} that was to come on {old_effective_at}",
    ),
    "tenant.plan_cancelled": (
        "{old_plan}の契約が解約により終わり、閲覧のみになりました（{actor}が記録）",
        "The subscription to {old_plan} ended, as it was cancelled; the company is read-only (noted by {actor})",
    ),
    "tenant.plan_lapsed": (
        "{actor}が{old_plan}の契約を失効させ、閲覧のみになりました",
        "{actor} let the subscription to {old_plan} lapse; the company is read-only",
    ),
    "tenant.department_added": ("{actor}が部門「{new_title}」を加えました", "{actor} added the department {new_title}"),
    "tenant.member_joined": (
        "{actor}の利用開始により、{member}が最初の{new_permission}になりました",
        "{member} became the first {new_permission} when {actor} signed up",
    ),
    "tenant.member_invited": (
        "{actor}が{member}を{new_permission}として招待しました（{new_expires_at}まで有効）",
        "{actor} invited {member} as {new_permission} (open until {new_expires_at})",
    ),
    "tenant.invitation_accepted": ("{actor}が招待を受けました", "{actor} accepted the invitation"),
    "tenant.invitation_expired": (
        "{member}への招待が期限切れになりました（{actor}の操作の際に記録）",
        "The invitation of {member} expired (noted when {actor} acted)",
    ),
    "tenant.member_deactivated": ("{actor}が{member}の利用を止めました", "{actor} deactivated {member}"),
    "tenant.member_reactivated": ("{actor}が{member}の利用を再開しました", "{actor} reactivated {member}"),
    "tenant.member_provisioned": (
        "{actor}のディレクトリ連携により、{member}が{new_permission}として登録されました",
        "{member} was provisioned as {new_permission} by the directory ({actor})",
    ),
    "tenant.member_renamed": (
        "{actor}が{member}の氏名・アドレス等を改めました",
        "{actor} changed the name, address or ids of {member}",
    ),
    "tenant.member_moved": (
        "{actor}が{member}の部門を{old_department}から{new_department}に変えました",
        "{actor} moved {member} from {old_department} to {new_department}",
    ),
    "tenant.member_removed": (
        "{actor}のディレクトリ連携から{member}が外れました",
        "{member} was deleted in the directory ({actor})",
    ),
    "tenant.permission_changed": (
        "{actor}が{member}の権限を{old_permission}から{new_permission}に変えました",
        "{actor} changed the permission of {member} from {old_permission} to {new_permission}",
    ),
    "tenant.access_end_set": (
        "{actor}が{member}の利用期限を{old_access_ends_at}から{new_access_ends_at}に変えました",
        "{actor} changed the end of access of {member} from {old_access_ends_at} to {new_access_ends_at}",
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
    "tenant.handed_over": (
        "{actor}が{member}の担当を引き継ぎました（{new_steps}工程）",
        "{actor} handed over what {member} held ({new_steps} steps)",
    ),
    "tenant.handover_undone": (
        "{actor}が{member}からの引継ぎを取り消しました（{new_steps}工程）",
        "{actor} undid the handover from {member} ({new_steps} steps)",
    ),
    "tenant.absence_set": (
        "{actor}が{member}の不在を{new_starts}から{new_until}までとし、{new_delegates}が代わることにしました",
        "{actor} set {member} absent from {new_starts} to {new_until}; {new_delegates} stand in",
    ),
    "tenant.absence_ended": (
        "{actor}が{member}の不在（{old_starts}から）を終え、{new_on}に戻ることにしました",
        "{actor} ended the absence of {member} (from {old_starts}): back on {new_on}",
    ),
    "tenant.person_erased": (
        "{actor}が{member}と案件{new_count}件の対象者の個人情報を消去しました",
        "{actor} erased what was personal of {member} and of whom {new_count} runs were about",
    ),
    "tenant.hold_set": (
        "{actor}が保全を始めました（{member}、案件 {new_run}）",
        "{actor} set a hold (on {member}, run {new_run})",
    ),
    "tenant.hold_released": ("{actor}が保全を解きました", "{actor} released a hold"),
    "tenant.retention_set": (
        "{actor}が案件の保存期間を{old_years}年から{new_years}年に変えました",
        "{actor} changed how long runs are kept from {old_years} to {new_years} years",
    ),
    "tenant.end_announced": (
        "{actor}が利用終了を予告しました（鍵は{new_keys_until}まで）",
        "{actor} announced the company's end (its keys stay until {new_keys_until})",
    ),
    "tenant.end_withdrawn": (
        "{actor}が利用終了の予告（鍵は{old_keys_until}まで）を取り消しました",
        "{actor} withdrew the company's end (keys until {old_keys_until})",
    ),
    "tenant.closed": (
        "{actor}が会社の鍵を破棄し、利用を終えました",
        "{actor} destroyed the company's keys and closed it",
    ),
    "tenant.anchor_webhook_set": (
        "{actor}がチェックポイントの送付先を{old_address}から{new_address}に変えました",
        "{actor} changed where checkpoints are sent from {old_address} to {new_address}",
    ),
    "tenant.export_asked": (
        "{actor}がログの書き出しを依頼しました（形式 {new_formats}、案件 {new_run}、業務手順 {new_procedure}）",
        "{actor} asked for an export of the log (views {new_formats}, run {new_run}, procedure {new_procedure})",
    ),
    "tenant.export_made": (
        "{actor}がログの{new_events}件を書き出しました（{new_expires_at}まで、SHA-256 {new_sha256}）",
        "{actor} exported {new_events} events of the log (until {new_expires_at}, SHA-256 {new_sha256})",
    ),
    "tenant.export_failed": (
        "{actor}がログを書き出せませんでした（{new_failure}）",
        "{actor} could not export the log ({new_failure})",
    ),
    "tenant.export_cancelled": ("{actor}がログの書き出しを取り消しました", "{actor} cancelled an export of the log"),
    "tenant.export_expired": (
        "{actor}が書き出したファイルを期限により消しました",
        "{actor} removed an exported file: it was over",
    ),
    "tenant.export_downloaded": (
        "{actor}が、{member}による書き出しファイルのダウンロードを記録しました（SHA-256 {new_sha256}）",
        "{actor} noted that {member} began to download an exported file (SHA-256 {new_sha256})",
    ),
    "tenant.member_linked": (
        "{actor}が{member}を認証基盤 {new_issuer} の利用者と結び付けました",
        "{actor} linked {member} to an identity of {new_issuer}",
    ),
    "tenant.member_unlinked": (
        "{actor}が{member}と認証基盤 {old_issuer} の結び付きを解きました",
        "{actor} unlinked {member} from {old_issuer}",
    ),
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
        "{actor}の操作により「{step}」に着手できるようになりました（担当 {member}、期限 {new_due}）",
        "{step} became ready when {actor} acted (assignee {member}, due {new_due})",
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
    "run.step_skipped": ("{actor}が「{step}」を省略しました", "{actor} skipped {step}"),
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
    "run.completed": (
        "{actor}の操作ですべての工程が終わり、案件が完了しました",
        "{actor} closed the last step: the run is complete",
    ),
    "run.cancelled": ("{actor}が案件を取りやめました", "{actor} cancelled the run"),
    "run.subject_erased": (
        "{actor}が案件の対象者の個人情報を消去しました",
        "{actor} erased what was personal of whom the run was about",
    ),
    "command.refused": (
        "{actor}の操作「{new_command}」は受け付けられませんでした（{new_code}）",
        "{actor} was not let {new_command} ({new_code})",
    ),
}

BY_CONDITION = (
    "{actor}の操作の結果、条件に当たらない「{step}」は省略されました",
    "{step} was skipped when {actor} acted: its condition does not hold",
)
"""A step that no person skipped."""
