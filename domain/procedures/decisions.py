"""What may happen to a procedure: draft, publish, retire."""

from domain.procedures import events as e
from domain.procedures.checks import check
from domain.procedures.definition import Definition
from domain.procedures.state import Procedure
from domain.reasons import need_reason
from domain.refusals import NotFound, Refusal


class NothingToPublish(Refusal):
    """Only a draft can be published."""

    code = "nothing_to_publish"


class NotPublished(Refusal):
    """Runs start with a published version of a procedure that is not retired."""

    code = "not_published"


def save_draft(procedure: Procedure, definition: Definition) -> list[e.ProcedureEvent]:
    """Write a draft that makes sense as a whole."""
    check(definition)
    if definition == procedure.draft:
        return []
    return [e.DraftSaved(definition)]


def publish(procedure: Procedure) -> list[e.ProcedureEvent]:
    """Make the draft the version that runs start with."""
    _exists(procedure)
    if procedure.draft is None:
        raise NothingToPublish("expected a draft to publish, but there is none")
    return [e.ProcedurePublished(procedure.version + 1, procedure.draft)]


def retire(procedure: Procedure, reason: str | None) -> list[e.ProcedureEvent]:
    """Let no more runs start, with a reason."""
    _exists(procedure)
    need_reason(reason, "retire a procedure")
    return [] if procedure.retired else [e.ProcedureRetired()]


def version_to_start(procedure: Procedure) -> tuple[int, Definition]:
    """The version and definition that a run starts with now."""
    _exists(procedure)
    if procedure.retired or not procedure.version:
        raise NotPublished("expected a published procedure to start a run of, but it is a draft or retired")
    return procedure.version, procedure.versions[procedure.version]


def _exists(procedure: Procedure) -> None:
    if not procedure.exists:
        raise NotFound("expected a procedure of the company, but there is none of that id")
