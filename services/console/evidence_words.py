"""What the page of evidence says, Japanese first, then English."""

from collections.abc import Mapping

EVIDENCE: Mapping[str, tuple[str, str]] = {
    "evidence": ("証明", "Evidence"),
    "evidence_rule": (
        "署名された控えを社外に保管すると、それより前の記録が変わっていないことを後から確かめられます。",
        "Whoever keeps a signed checkpoint outside can show later that nothing before it was changed.",
    ),
    "checkpoint": ("最新の署名", "Newest checkpoint"),
    "checkpoint_size": ("署名済みの記録", "Events signed"),
    "checkpoint_root": ("ハッシュ木の根", "Root of the tree"),
    "signed_at": ("署名日時", "Signed"),
    "no_checkpoint": (
        "まだ署名されていません。1分ほどで署名されます。",
        "Nothing is signed yet; within a minute it is.",
    ),
    "anchors": ("社外の保管先", "Anchored outside"),
    "anchor_kind": ("種類", "Kind"),
    "anchor_target": ("保管先", "Where"),
    "anchored_size": ("記録の番号", "Up to"),
    "anchored_at": ("保管日時", "When"),
    "no_anchors": ("社外に保管された控えはありません。", "No checkpoint is kept outside."),
    "unanchored": ("社外の控えがない記録", "Not anchored yet"),
    "unanchored_since": ("{count}件（{at}から）", "{count} events, since {at}"),
    "unanchored_none": ("ありません", "None"),
    "alarms": ("警報", "Alarms"),
    "no_alarms": ("警報はありません。", "There are no alarms."),
    "alarm_what": ("内容", "What"),
    "alarm_raised": ("発生", "Raised"),
    "alarm_closed": ("対応", "Closed"),
    "alarm_open": ("未対応", "open"),
    "anchor_folder": ("フォルダー", "Folder"),
    "anchor_webhook": ("通知先", "Webhook"),
    "anchor_timestamp": ("タイムスタンプ局", "Timestamp authority"),
    "alarm_log_altered": ("記録が署名と一致しません", "The log differs from what was signed"),
    "alarm_log_not_signed": ("記録が前の署名に続きません", "The log does not go on from its checkpoint"),
    "alarm_anchor_failed": ("社外に保管できません", "A checkpoint does not get outside"),
    "alarm_anchor_differs": ("社外の控えと一致しません", "A checkpoint outside differs"),
    "alarm_key_lost": ("個人の鍵が失われています", "The key to a person's data is lost"),
    "alarm_key_kept": ("消去した人の鍵が残っています", "The key of somebody who was erased is there"),
}
