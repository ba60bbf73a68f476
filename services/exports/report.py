"""The report on an export as PDF/A: for a person to read and sign; the same bytes for the same export."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import typst

from services.console.event_words import event_word
from services.exports.views import Views

HERE = Path(__file__).parent
STANDARD: Literal["a-2a"] = "a-2a"
MOST_ACTORS = 30
WHOLE_JA = (
    "書き出した記録は、下の署名済みチェックポイントの時点までのすべてであり、欠番はありません。記録そのもののハッシュから"
    "計算したルートが署名されたルートと一致することを、書き出しの際に確かめました。"
)
WHOLE_EN = (
    "The exported events are all there were up to the signed checkpoint below, without a gap. The root computed from "
    "the events themselves was found to be the signed one while they were exported."
)
PART_JA = (
    "条件に合う記録だけを書き出しています。各記録が下の署名済みチェックポイントに含まれることは証明されますが、"
    "条件に合う記録がほかにないことは証明されません。"
)
PART_EN = (
    "Only events that fit the conditions were exported. Each is proven to be in the log of the signed checkpoint "
    "below; that no others fit is not proven."
)
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("証跡書き出し報告書", "Report on an export of the log"),
    "id": ("書き出し番号", "Export"),
    "tenant": ("会社", "Company"),
    "by": ("実行者", "Made by"),
    "at": ("実行日時(UTC)", "Made at (UTC)"),
    "what": ("対象", "Of"),
    "all": ("会社のすべての記録", "everything the log holds"),
    "since": ("記録日時が次以降", "recorded at or after"),
    "until": ("記録日時が次より前", "recorded before"),
    "procedure": ("業務手順", "procedure"),
    "run": ("案件", "run"),
    "events": ("件数", "Events"),
    "seqs": ("記録番号", "Sequences"),
    "period": ("記録の期間(UTC)", "Recorded (UTC)"),
    "reasons": ("理由の記載がある記録", "Events with a reason"),
    "refusals": ("拒否された操作", "Refused commands"),
    "late": ("発生日と異なる日に記録されたもの", "Recorded on another day than they happened"),
    "proof": ("完全性の根拠", "What proves it"),
    "whole": (WHOLE_JA, WHOLE_EN),
    "part": (PART_JA, PART_EN),
    "counts": ("内訳", "Counts"),
    "type": ("記録の種類", "Type of event"),
    "month": ("月(UTC)", "Month (UTC)"),
    "actor": ("実行した人", "Who did it"),
    "number": ("件数", "Events"),
    "others": ("ほか", "others"),
    "system": ("記載なし", "nobody named"),
    "sign": (
        "以上の書き出しについて、同梱の verify.py により検証し、内容を確認しました。",
        "I verified this export with the enclosed verify.py, and looked at what it holds.",
    ),
    "date": ("日付", "Date"),
    "name": ("氏名・署名", "Name and signature"),
    "footer": ("書き出し", "Export"),
}


def report(about: Mapping[str, Any], note: str, views: Views, lang: Literal["ja", "en"]) -> bytes:
    """The report on an export; `about` is what export.json says."""
    said = {key: text[lang == "en"] for key, text in WORDS.items()}
    data = {
        "lang": lang,
        "title": said["title"],
        "subtitle": f"Ashiato · {about['export']}",
        "footer": f"{said['footer']} {about['export']}",
        "about": _about(about, views, said),
        "proof": {"title": said["proof"], "text": said["whole" if about["whole"] else "part"], "note": note},
        "counts": {"title": said["counts"], "tables": _tables(views, said, lang)},
        "signature": {"text": said["sign"], "lines": [said["date"], said["name"]]},
    }
    made: bytes = typst.compile(
        str(HERE / "report.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"data": msgspec.json.encode(data).decode()},
        format="pdf",
        pdf_standards=[STANDARD],
        timestamp=datetime.fromisoformat(about["at"]).replace(microsecond=0),
    )
    return made


def _about(about: Mapping[str, Any], views: Views, said: Mapping[str, str]) -> list[tuple[str, str]]:
    asked = about["parameters"]
    limits = [f"{said[name]} {asked[name]}" for name in ("since", "until", "procedure", "run") if asked[name]]
    counting = views.counting
    return [
        (said["tenant"], f"{about['company']}\n{about['tenant']}"),
        (said["id"], about["export"]),
        (said["by"], f"{about['by']['name']} ({about['by']['member']})"),
        (said["at"], about["at"]),
        (said["what"], "\n".join(limits) or said["all"]),
        (said["events"], f"{about['events']:,}"),
        (said["seqs"], f"{about['first_seq'] or '—'} – {about['last_seq'] or '—'}"),
        (said["period"], f"{about['first_recorded_at'] or '—'} – {about['last_recorded_at'] or '—'}"),
        (said["reasons"], f"{counting.reasons:,}"),
        (said["refusals"], f"{counting.refusals:,}"),
        (said["late"], f"{counting.late:,}"),
    ]


def _tables(views: Views, said: Mapping[str, str], lang: Literal["ja", "en"]) -> list[dict[str, Any]]:
    counting = views.counting
    types = [(event_word(kind, lang), count) for kind, count in counting.types.most_common()]
    actors = [(views.name_of(a) if a else said["system"], n) for a, n in counting.actors.most_common(MOST_ACTORS)]
    left = sum(counting.actors.values()) - sum(count for _, count in actors)
    return [
        _table(said["type"], types, said),
        _table(said["month"], sorted(counting.months.items()), said),
        _table(said["actor"], [*actors, *([(said["others"], left)] if left else [])], said),
    ]


def _table(head: str, rows: Sequence[tuple[str, int]], said: Mapping[str, str]) -> dict[str, Any]:
    return {"head": [head, said["number"]], "rows": [[name, f"{count:,}"] for name, count in rows]}
