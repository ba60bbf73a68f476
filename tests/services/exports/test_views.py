"""The views: true to the events, harmless in spreadsheets, and read by programs that nobody here wrote."""

import csv
import io
import json
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest

from services.exports.bundle import Made
from tests.services.exports.conftest import FORMULA, Scene
from tests.services.exports.semantics import (
    problems_of_json,
    problems_of_sqlite,
    problems_of_xes,
    relations_of_json,
    relations_of_sqlite,
)


def views(made: Made) -> Path:
    return made.folder / "data" / "views"


def events_of(made: Made) -> list[dict[str, str]]:
    """The lines of the evidence."""
    return [json.loads(line) for line in (made.folder / "data" / "events.jsonl").read_text().splitlines()]


def sheet_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_a_sheet_holds_every_event_and_no_cell_that_is_carried_out(whole: Made) -> None:
    raw = (views(whole) / "events.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = sheet_of(views(whole) / "events.csv")
    lines = events_of(whole)
    assert [int(row["seq"]) for row in rows] == [line["log"]["seq"] for line in lines]  # type: ignore[index]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "＝", "＋"))]
    assert "'＝理由" in {row["reason"] for row in rows}
    comment = next(json.loads(row["data"]) for row in rows if row["type"] == "run.commented")
    assert comment["text"].startswith("=HYPERLINK")


def test_parquet_holds_what_the_sheet_does(whole: Made) -> None:
    table = pq.read_table(views(whole) / "events.parquet").to_pylist()
    rows = sheet_of(views(whole) / "events.csv")
    for record, row in zip(table, rows, strict=True):
        assert (str(record["seq"]), record["type"], record["data"]) == (row["seq"], row["type"], row["data"])
        assert record["recorded_at"] == datetime.fromisoformat(row["recorded_at"])


def test_ocel_and_xes_make_sense_as_a_whole(whole: Made) -> None:
    assert list(problems_of_json(views(whole) / "ocel.json")) == []
    assert list(problems_of_sqlite(views(whole) / "ocel.sqlite")) == []
    assert list(problems_of_xes(views(whole) / "runs.xes")) == []
    assert relations_of_json(views(whole) / "ocel.json") == relations_of_sqlite(views(whole) / "ocel.sqlite")
    log = json.loads((views(whole) / "ocel.json").read_text())
    assert FORMULA in [a["value"] for e in log["events"] for a in e["attributes"]]
    assert FORMULA in [s.get("value") for s in ET.parse(views(whole) / "runs.xes").getroot().iter()]  # noqa: S314


def test_the_validator_notices_what_is_wrong(whole: Made, tmp_path: Path) -> None:
    """One that finds nothing wrong with anything proves nothing."""
    log = json.loads((views(whole) / "ocel.json").read_text())
    log["objects"] = [one for one in log["objects"] if one["type"] != "member"]
    log["events"][0]["attributes"].append({"name": "colour", "value": "red"})
    log["events"][1]["time"] = "2026-04-01T00:00:00"
    log["events"][2]["id"] = log["events"][3]["id"]
    path = tmp_path / "ocel.json"
    path.write_text(json.dumps(log))
    found = " ".join(problems_of_json(path))
    for what in ("which is not there", "undeclared attribute colour", "has no zone", "is there 2 times"):
        assert what in found
    xes = tmp_path / "runs.xes"
    head, _, last = (views(whole) / "runs.xes").read_text().rpartition("time:timestamp")
    xes.write_text(f"{head}timestamp{last}")
    assert "lacks time:timestamp" in " ".join(problems_of_xes(xes))


def test_without_personal_data_no_view_holds_any(scene: Scene) -> None:
    made = scene.made("impersonal", personal=False, formats=("csv", "ocel", "ocel-sqlite", "xes", "parquet"))
    rows = sheet_of(views(made) / "events.csv")
    assert {row["actor_name"] for row in rows} == {""}
    for path in views(made).iterdir():
        assert "=対象".encode() not in path.read_bytes(), path
        assert "青木 愛子".encode() not in path.read_bytes(), path


def test_some_of_the_log_makes_sense_too(scene: Scene) -> None:
    made = scene.made("sensible", run=scene.run, formats=("ocel", "ocel-sqlite", "xes"))
    assert list(problems_of_json(views(made) / "ocel.json")) == []
    assert list(problems_of_sqlite(views(made) / "ocel.sqlite")) == []
    assert list(problems_of_xes(views(made) / "runs.xes")) == []


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_report_is_a_pdf_for_the_archive(scene: Scene, lang: str) -> None:
    made = scene.made(f"report-{lang}", lang=lang, formats=("pdf",))
    pdf = (views(made) / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in pdf
    assert b"NotoSansJP" in pdf


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_a_spreadsheet_program_keeps_every_character(whole: Made, tmp_path: Path) -> None:
    command = ["soffice", "--headless", "--infilter=CSV:44,34,76,1"]
    command += ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(views(whole) / "events.csv")],
        env=environment, check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    back = sheet_of(tmp_path / "events.csv")
    sent = sheet_of(views(whole) / "events.csv")
    for was, now in zip(sent, back, strict=True):
        for name in ("seq", "type", "actor_name", "reason"):
            assert now[name] == was[name]
