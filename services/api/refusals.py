"""Refusals of the edge itself: what HTTP can get wrong before a command or a question is there."""

from typing import ClassVar

from domain.refusals import Kind, Refusal


class EdgeRefusal(Refusal):
    """A request that cannot be taken as it is; `status` is its HTTP status."""

    code = "bad_request"
    kind: ClassVar[Kind] = "invalid"
    status: ClassVar[int] = 400


class Unauthenticated(EdgeRefusal):
    """The credential is missing, malformed, unknown, wrong or revoked: the answer is the same for all."""

    code = "unauthenticated"
    kind = "forbidden"
    status = 401

    def __init__(self) -> None:
        super().__init__("expected the header 'Authorization: Bearer <API key>', but it opens nothing")


class MalformedJson(EdgeRefusal):
    """The body is not JSON in UTF-8."""

    code = "malformed_json"


class InvalidHeader(EdgeRefusal):
    """A header's value is not what it has to be."""

    code = "invalid_header"


class BodyTooLarge(EdgeRefusal):
    """The body is larger than this server takes."""

    code = "body_too_large"
    status = 413


class UnsupportedMediaType(EdgeRefusal):
    """The body is not declared as JSON."""

    code = "unsupported_media_type"
    status = 415


class NoSuchPath(EdgeRefusal):
    """There is nothing at this path."""

    code = "no_such_path"
    kind = "not_found"
    status = 404


class MethodNotAllowed(EdgeRefusal):
    """The path is there, but not with this method."""

    code = "method_not_allowed"
    status = 405


class SignUpClosed(EdgeRefusal):
    """This server's operator opens accounts, not everyone."""

    code = "sign_up_closed"
    kind = "forbidden"
    status = 403


class OperatorsOnly(EdgeRefusal):
    """What is asked for is for the program's operator: it tells of all companies together, or ends a subscription."""

    code = "operators_only"
    kind = "forbidden"
    status = 403


class InTheFuture(EdgeRefusal):
    """`as_of` names an instant or a sequence that has not come yet."""

    code = "in_the_future"
    status = 422


class CannotBeFolded(EdgeRefusal):
    """An event of the past that was asked for cannot be read or folded by this program."""

    code = "cannot_be_folded"
    kind = "conflict"
    status = 409


class NotYetProjected(EdgeRefusal):
    """The read models did not reach the sequence in time; asking again is safe."""

    code = "not_yet_projected"
    status = 504


class SizeNotReached(EdgeRefusal):
    """No checkpoint of that size is signed; a larger one may come."""

    code = "size_not_reached"
    status = 422


class NoteRefused(EdgeRefusal):
    """What was sent as a checkpoint is none of this company's log: malformed, somebody else's, or not signed by us."""

    code = "note_refused"
    status = 422


class LogAltered(EdgeRefusal):
    """The log does not fit a checkpoint that was signed for it: evidence that it was altered."""

    code = "log_altered"
    kind = "conflict"
    status = 409


class ExportNotMade(EdgeRefusal):
    """The export is not made yet."""

    code = "export_not_made"
    kind = "conflict"
    status = 409


class ExportGone(EdgeRefusal):
    """The export failed, was cancelled, or its time is over. `because` says which."""

    code = "export_gone"
    status = 410


class ExportElsewhere(EdgeRefusal):
    """The archive is not where this server keeps exports."""

    code = "export_elsewhere"
    status = 503


class RangeNotSatisfiable(EdgeRefusal):
    """The range that was asked for begins behind the end."""

    code = "range_not_satisfiable"
    status = 416


class Unavailable(EdgeRefusal):
    """The log cannot be reached; whether a command was carried out is unknown until it is sent again."""

    code = "unavailable"
    status = 503


class TooManyFeeds(EdgeRefusal):
    """As many feeds as there may be are open already."""

    code = "too_many_feeds"
    status = 429


class FeedTooSlow(EdgeRefusal):
    """The reader of a feed does not take what comes; it may go on from the last id that it has."""

    code = "feed_too_slow"
    status = 408


class ShuttingDown(EdgeRefusal):
    """The process is about to end; another one, or this one a moment later, goes on from the last id."""

    code = "shutting_down"
    status = 503


class ReadNotLogged(EdgeRefusal):
    """Every read of an auditor is on record, and this one could not be written there."""

    code = "read_not_logged"
    status = 503


class IssuerDown(EdgeRefusal):
    """The issuer of sign-in tokens does not answer, and its keys are not known here yet."""

    code = "issuer_unavailable"
    status = 503


class InternalError(EdgeRefusal):
    """Something is wrong with this program; the incident's id finds it in the operator's log."""

    code = "internal_error"
    status = 500
