"""The archive of an export, streamed: whole, or the part that a download that was cut off is missing."""

import re
from asyncio import to_thread
from collections.abc import AsyncIterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from commands.exports import NoteDownload
from domain.refusals import NotFound
from domain.tenants.exporting import is_over
from domain.tenants.exports import Export
from services.api.call import Answer, Call, Headers, InPieces
from services.api.endpoint import Endpoint
from services.api.problems import problem
from services.api.refusals import ExportElsewhere, ExportGone, ExportNotMade, RangeNotSatisfiable
from services.exports.ordering import by_exporter
from services.exports.store import length_of

PIECE = 256 * 1024
RANGE = re.compile(rb"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")
MEDIA = "application/x-tar"


class Span(NamedTuple):
    """Bytes from `first`, so many; `partial` when that was asked for."""

    first: int
    length: int
    partial: bool


class BundleResponse(StreamingResponse):
    """Ends with its reader, and closes the file however that is."""

    def __init__(self, file: BinaryIO, status: int, headers: Headers, count: int) -> None:
        super().__init__(_pieces(file, count), status)
        self.raw_headers = headers
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def get_export_bundle(call: Call) -> Answer | InPieces | BundleResponse:
    """The archive, or a part of it; who begins is put on record first."""
    name = call.ids["export"]
    found = await _open_export(call, name)
    etag = b'"%b"' % (found.sha256 or "").encode()
    common: Headers = [(b"etag", etag), (b"accept-ranges", b"bytes"), (b"cache-control", b"private, no-cache")]
    if _lists(call.headers.get(b"if-none-match"), etag):
        return Answer(304, b"", common)
    span = _span(call.headers.get(b"range"), call.headers.get(b"if-range"), etag, found.bytes)
    if span is None:
        answer = problem(RangeNotSatisfiable("expected a range within the archive, but it begins behind its end"))
        return Answer(answer.status, answer.body, [*answer.headers, (b"content-range", b"bytes */%d" % found.bytes)])
    status, headers = 206 if span.partial else 200, [*common, *_about(name, span, found.bytes)]
    if call.method == "HEAD":
        return InPieces(status, _pieces(BytesIO(), 0), headers)
    file = _file(call, name, found)
    try:
        noted = NoteDownload(name, call.member, span.first == 0)
        await call.deps.commands.execute(by_exporter(call.tenant, call.at), noted)
        file.seek(span.first)
    except BaseException:
        file.close()
        raise
    return BundleResponse(file, status, headers, span.length)


async def _open_export(call: Call, name: str) -> Export:
    """What the log says now; it decides, however far read models are."""
    exports = (await call.deps.commands.tenant(call.tenant, max_age=0.0)).exports
    if name in exports.over:
        raise ExportGone("expected an export that is there, but it is over", because=exports.over[name])
    found = exports.open.get(name)
    if found is None:
        raise NotFound("expected an export of the company, but there is none of that id")
    if found.sha256 is None:
        raise ExportNotMade("expected an export that is made, but it is not yet")
    if is_over(found, call.at):
        raise ExportGone("expected an export that is there, but it is over", because="expired")
    return found


def _file(call: Call, name: str, found: Export) -> BinaryIO:
    store = call.deps.exports
    file = store.open(call.tenant, name, found.sha256 or "") if store else None
    if file is None:
        raise ExportElsewhere("expected the archive where this server keeps exports, but it is not there")
    if length_of(file) != found.bytes:
        file.close()
        raise ExportElsewhere("expected the archive as it was made, but its length is another")
    return file


def _lists(header: bytes | None, etag: bytes) -> bool:
    return header is not None and etag in (one.strip() for one in header.split(b","))


def _span(asked: bytes | None, if_range: bytes | None, etag: bytes, size: int) -> Span | None:
    """What is to be sent; None for a range with nothing in it. What is no single range of bytes is all of it."""
    found = RANGE.fullmatch(asked.strip()) if asked else None
    if found is None or (if_range is not None and if_range.strip() != etag):
        return Span(0, size, partial=False)
    if found[3] is not None:
        count = min(int(found[3]), size)
        return Span(size - count, count, partial=True) if count else None
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return Span(0, size, partial=False)  # malformed, and so not there (RFC 9110, section 14.1.1)
    return Span(first, last - first + 1, partial=True) if first < size else None


def _about(name: str, span: Span, size: int) -> Headers:
    named = b'attachment; filename="ashiato-export-%b.tar"' % name.encode()
    headers = [
        (b"content-type", MEDIA.encode()),
        (b"content-disposition", named),
        (b"content-length", b"%d" % span.length),
    ]
    if span.partial:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (span.first, span.first + span.length - 1, size)))
    return headers


async def _pieces(file: BinaryIO, left: int) -> AsyncIterator[bytes]:
    """The next so many bytes; a file that ends before is an error, and no part is taken for the whole."""
    while left:
        piece = await to_thread(file.read, min(PIECE, left))
        if not piece:
            raise EOFError("expected more of an archive, but it ends")
        left -= len(piece)
        yield piece


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/exports/{export}/bundle",
        "get_export_bundle",
        "The archive: a tar of the bundle (BagIt), streamed. Its `ETag` is its SHA-256 in quotes. A download that was "
        "cut off goes on with `Range: bytes=N-` and `If-Range` with that tag. Who begins is put on record first.",
        "read_exports",
        get_export_bundle,
        media=MEDIA,
    ),
)
