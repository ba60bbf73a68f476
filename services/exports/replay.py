#!/usr/bin/env python3
"""Replay an export of Ashiato on your own: states from events, by code that shares nothing with the program's.

    python3 replay.py [BUNDLE] [--seq N] [--run ID]

Prints the digest of everything that held after event N (or after the last), which `ashiato state` and the API must print too;
with --run, the facts of a run and what each event changed, by whom and why. What facts are is told in docs/replay.md.
This file needs Python 3.9 or newer, and nothing else. Verify the bundle first: verify.py.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path


class Stream:
    """A stream's facts, and what they are made of."""

    def __init__(self, kind):
        self.kind = kind
        self.facts = {}

    def put(self, name, value):
        """A fact from now on; None takes it away."""
        if value is None:
            self.facts.pop(name, None)
        else:
            self.facts[name] = value


# --- Runs --------------------------------------------------------------------------------------------------------------


def run_started(s, d, e):
    s.put("status", "open")
    s.put("procedure", d["procedure"])
    s.put("version", d["procedure_version"])
    s.put("starter", d["starter"])
    s.put("confidential", d["confidential"])
    for anchor, day in d["anchors"].items():
        s.put("anchors." + anchor, day)
    for step in d["steps"]:
        s.put("steps.%s.status" % step["id"], "waiting")
        s.put("steps.%s.due" % step["id"], step["due"])


def step_ready(s, d, e):
    s.put("steps.%s.status" % d["step"], "ready")
    s.put("steps.%s.assignee" % d["step"], d["assignee"])
    s.put("steps.%s.due" % d["step"], d["due"])


def step_done(s, d, e):
    s.put("steps.%s.status" % d["step"], "done")
    s.put("steps.%s.by" % d["step"], d["by"])
    s.put("steps.%s.on" % d["step"], d["on"])


def step_skipped(s, d, e):
    s.put("steps.%s.status" % d["step"], "skipped")
    s.put("steps.%s.on" % d["step"], d["on"])


def gone_back(s, d, e):
    s.put("status", "open")
    for step in d["reset"]:
        s.put("steps.%s.status" % step, "waiting")


# --- Companies ---------------------------------------------------------------------------------------------------------


def member_there(status):
    def rule(s, d, e):
        s.put("members.%s.status" % d["member"], status)
        s.put("members.%s.permission" % d["member"], d["permission"])
        s.put("members.%s.department" % d["member"], d["department"])

    return rule


def member_provisioned(s, d, e):
    member_there("active" if d["active"] else "deactivated")(s, d, e)


def member_is(status):
    return lambda s, d, e: s.put("members.%s.status" % d["member"], status)


def plan_ended(ended):
    def rule(s, d, e):
        s.put("plan", None)
        s.put("seats", 0)
        s.put("ended", ended)
        nothing_pending(s, d, e)

    return rule


def plan_chosen(s, d, e):
    s.put("plan", d["new"])
    s.put("seats", d["seats"])
    s.put("ended", None)
    nothing_pending(s, d, e)


def trial_started(s, d, e):
    s.put("trial_ends_at", d["ends_at"])
    s.put("seats", d["seats"])


def pending(s, d, e):
    s.put("pending.at", d["effective_at"])
    s.put("pending.plan", d.get("new"))


def nothing_pending(s, d, e):
    s.put("pending.at", None)
    s.put("pending.plan", None)


# --- Procedures --------------------------------------------------------------------------------------------------------


def draft_saved(s, d, e):
    s.put("draft", True)
    s.put("version", s.facts.get("version", 0))
    s.put("retired", s.facts.get("retired", False))


def published(s, d, e):
    newest = max(s.facts.get("version", 0), d["version"])
    if newest == d["version"]:
        s.put("title", d["definition"]["title"])
        s.put("steps", len(d["definition"]["steps"]))
    s.put("version", newest)
    s.put("draft", False)
    s.put("retired", False)


def nothing(s, d, e):
    pass


RULES = {
    "run.started": run_started,
    "run.step_ready": step_ready,
    "run.step_completed": step_done,
    "run.step_approved": step_done,
    "run.step_skipped": step_skipped,
    "run.step_rejected": gone_back,
    "run.step_sent_back": gone_back,
    "run.step_reopened": gone_back,
    "run.step_reassigned": lambda s, d, e: s.put("steps.%s.assignee" % d["step"], d["new"]),
    "run.step_taken": lambda s, d, e: s.put("steps.%s.assignee" % d["step"], d["by"]),
    "run.due_date_changed": lambda s, d, e: s.put("steps.%s.due" % d["step"], d["new"]),
    "run.completed": lambda s, d, e: s.put("status", "completed"),
    "run.cancelled": lambda s, d, e: s.put("status", "cancelled"),
    "tenant.trial_started": trial_started,
    "tenant.trial_ended": lambda s, d, e: s.put("ended", "trial_ended"),
    "tenant.plan_chosen": plan_chosen,
    "tenant.plan_change_scheduled": pending,
    "tenant.cancellation_scheduled": pending,
    "tenant.plan_change_withdrawn": nothing_pending,
    "tenant.cancellation_withdrawn": nothing_pending,
    "tenant.plan_change_refused": nothing_pending,
    "tenant.plan_cancelled": plan_ended("cancelled"),
    "tenant.plan_lapsed": plan_ended("lapsed"),
    "tenant.department_added": lambda s, d, e: s.put("departments." + d["department"], d["title"]),
    "tenant.member_joined": member_there("active"),
    "tenant.member_invited": member_there("invited"),
    "tenant.member_provisioned": member_provisioned,
    "tenant.invitation_accepted": member_is("active"),
    "tenant.invitation_expired": member_is("expired"),
    "tenant.member_deactivated": member_is("deactivated"),
    "tenant.member_reactivated": member_is("active"),
    "tenant.member_moved": lambda s, d, e: s.put("members.%s.department" % d["member"], d["new"]),
    "tenant.permission_changed": lambda s, d, e: s.put("members.%s.permission" % d["member"], d["new"]),
    "tenant.access_end_set": lambda s, d, e: s.put("members.%s.access_ends_at" % d["member"], d["new"]),
    "tenant.role_holders_set": lambda s, d, e: s.put("roles." + d["role"], " ".join(d["new"]) or None),
    "tenant.api_key_issued": lambda s, d, e: s.put("keys." + d["key"], d["member"]),
    "tenant.api_key_revoked": lambda s, d, e: s.put("keys." + d["key"], None),
    "procedure.draft_saved": draft_saved,
    "procedure.published": published,
    "procedure.retired": lambda s, d, e: s.put("retired", True),
}
"""What events change; those that are not named here change no fact."""
KINDS = ("tenant", "procedure", "run")
"""Kinds of streams that have facts."""


def digest(facts):
    """SHA-256 of the facts as JSON: keys sorted, no blanks, UTF-8."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_all(streams):
    """One digest of all streams: of the lines `stream digest`, sorted by stream."""
    lines = "".join("%s %s\n" % (name, digest(streams[name].facts)) for name in sorted(streams))
    return hashlib.sha256(lines.encode()).hexdigest()


def replayed(lines, last, watched):
    """Every stream's facts after the last event wanted; what happened to the watched one is printed."""
    streams, seq = {}, 0
    for line in lines:
        one = json.loads(line)
        event, at = one["event"], one["log"]["at"]
        if last is not None and one["log"]["seq"] > last:
            break
        seq = one["log"]["seq"]
        kind = event["type"].partition(".")[0]
        if kind not in KINDS:
            continue
        stream = streams.setdefault(event["stream"], Stream(kind))
        before = dict(stream.facts) if event["stream"] == watched else {}
        RULES.get(event["type"], nothing)(stream, event["data"], event)
        if event["stream"] == watched:
            tell(seq, at, event, before, stream.facts)
    return streams, seq


def tell(seq, at, event, before, after):
    """An event, and each fact that it changed."""
    why = "  because: %s" % event["reason"] if event["reason"] else ""
    print("#%d  %s  %s  by %s%s" % (seq, at, event["type"], event["actor"], why))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            print("    %s: %s -> %s" % (name, before.get(name), after.get(name)))


def main():
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--seq", type=int, help="the last event to replay")
    parser.add_argument("--run", help="a run to tell step by step")
    asked = parser.parse_args()
    about = json.loads((asked.bundle / "data" / "export.json").read_text(encoding="utf-8"))
    if not about["whole"]:
        print("expected a whole export to replay, but this one holds some events only")
        return 2
    with (asked.bundle / "data" / "events.jsonl").open(encoding="utf-8") as lines:
        streams, seq = replayed(lines, asked.seq, asked.run)
    if asked.run in streams:
        print("state of %s after event %d: %s" % (asked.run, seq, digest(streams[asked.run].facts)))
    print("state of all after event %d: %s" % (seq, digest_of_all(streams)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
