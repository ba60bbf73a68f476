"""Run by test_consumers.py in an environment of its own: what PM4Py reads of the views, as JSON."""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import pm4py  # noqa: E402

views = Path(sys.argv[1])
logs = [pm4py.read_ocel2_json(str(views / "ocel.json")), pm4py.read_ocel2_sqlite(str(views / "ocel.sqlite"))]
runs = pm4py.read_xes(str(views / "runs.xes"))
print("RESULT" + json.dumps({
    "events": [sorted(log.events["ocel:eid"]) for log in logs],
    "objects": [sorted(log.objects["ocel:oid"]) for log in logs],
    "traces": int(runs["case:concept:name"].nunique()),
    "trace_events": len(runs),
}))
