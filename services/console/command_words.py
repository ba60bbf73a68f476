"""The names of commands, and why one that stands on record was refused; Japanese, then English."""

from collections.abc import Mapping

COMMANDS: Mapping[str, tuple[str, str]] = {
    "sign_up": ("利用開始", "sign up"),
    "choose_plan": ("プランの変更", "choose a plan"),
    "add_department": ("部門の追加", "add a department"),
    "invite_member": ("招待", "invite a member"),
    "accept_invitation": ("招待の承諾", "accept an invitation"),
    "deactivate_member": ("メンバーの利用停止", "deactivate a member"),
    "reactivate_member": ("メンバーの利用再開", "reactivate a member"),
    "provision_member": ("ディレクトリからの登録", "provision a member"),
    "update_provisioned": ("ディレクトリからの変更", "change a member through the directory"),
    "remove_provisioned": ("ディレクトリからの削除", "delete a member through the directory"),
    "change_permission": ("権限の変更", "change a permission"),
    "set_role_holders": ("役割の担い手の変更", "say who holds a role"),
    "issue_api_key": ("APIキーの発行", "issue an API key"),
    "revoke_api_key": ("APIキーの無効化", "revoke an API key"),
    "save_draft": ("下書きの保存", "save a draft"),
    "publish_procedure": ("手順の公開", "publish a procedure"),
    "retire_procedure": ("手順の廃止", "retire a procedure"),
    "start_run": ("案件の開始", "start a run"),
    "complete_step": ("工程の完了", "complete a step"),
    "approve_step": ("承認", "approve a step"),
    "reject_step": ("否認", "reject a step"),
    "send_back": ("差戻し", "send work back"),
    "reopen_step": ("工程のやり直し", "reopen a step"),
    "skip_step": ("工程の省略", "skip a step"),
    "reassign_step": ("担当の変更", "reassign a step"),
    "take_step": ("工程の引き受け", "take a step"),
    "change_due_date": ("期限の変更", "change a due date"),
    "comment": ("コメント", "comment"),
    "cancel_run": ("案件の取りやめ", "cancel a run"),
}
REFUSALS: Mapping[str, tuple[str, str]] = {
    "not_permitted": ("権限がないため", "their permission does not cover it"),
    "not_assignee": ("担当者ではないため", "the step is someone else's"),
    "same_actor": ("職務分掌により、ほかの人が行う必要があるため", "separation of duties: someone else must do it"),
    "seat_limit_reached": ("席が足りないため", "every seat is held"),
    "last_owner": ("最後の所有者であるため", "they are the last owner"),
}
