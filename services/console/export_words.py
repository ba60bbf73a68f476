"""What the page of exports says, Japanese first, then English."""

from collections.abc import Mapping

EXPORTS: Mapping[str, tuple[str, str]] = {
    "exports": ("書き出し", "Exports"),
    "exports_hint": (
        "会社の記録を、それだけで検証できる一つのファイルにしたもの。依頼と取得はAPIで行い、すべて記録に残ります。",
        "The company's log as one file that proves itself. It is asked for and fetched over the API, all on record.",
    ),
    "export_asked": ("作成中", "Being made"),
    "export_made": ("取得できます", "Ready"),
    "export_failed": ("失敗", "Failed"),
    "export_cancelled": ("取消し", "Cancelled"),
    "export_expired": ("期限切れ", "Expired"),
    "export_of": ("範囲", "What of"),
    "export_all": ("すべての記録", "the whole log"),
    "export_since": ("{at} から", "from {at}"),
    "export_before": ("{at} より前", "before {at}"),
    "export_views": ("形式", "Views"),
    "export_evidence": ("証拠のみ", "evidence only"),
    "export_no_personal": ("個人情報なし", "no personal data"),
    "export_by": ("依頼", "Asked by"),
    "export_progress": ("{total:,}件中{done:,}件", "{done:,} of {total:,} events"),
    "export_waits": ("順番待ち", "waits for its turn"),
    "export_holds": ("{count:,}件の記録、{size}", "{count:,} events, {size}"),
    "export_until": ("{at} まで", "until {at}"),
    "export_downloads": ("取得した人", "Who fetched it"),
    "export_nobody": ("まだ誰も", "nobody yet"),
    "export_take": ("取得のしかた", "How to fetch it"),
    "export_because_disk_full": ("空き容量の不足", "the disk is full"),
    "export_because_log_unfit": ("記録が検証できない", "the log does not verify"),
    "export_because_no_checkpoint": ("署名された控えがない", "no signed checkpoint"),
    "export_because_interrupted": ("中断", "interrupted"),
    "export_because_time": ("保管期間の終了", "its time is over"),
    "export_because_erasure": ("個人情報の消去", "somebody was erased"),
    "no_exports": (
        "書き出しはまだありません。所有者・管理者・監査人がAPIで依頼すると、ここに並びます。",
        "There are no exports yet. Those that owners, admins and auditors ask for over the API show up here.",
    ),
}
