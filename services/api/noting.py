"""Every read of an auditor is on record before it is answered; what cannot be written is not answered."""

from urllib.parse import parse_qsl

from services.api.call import Call
from services.api.endpoint import Endpoint
from services.api.refusals import ReadNotLogged
from services.viewing import is_logged, noted


async def note_read(endpoint: Endpoint, call: Call, query: bytes) -> None:
    """Put a read on record, when it is one whose every read is. Raises ReadNotWritten, ReadNotLogged."""
    if call.caller is None or not is_logged(call.caller.member):
        return
    access = call.deps.access
    if access is None:
        raise ReadNotLogged("expected to put the read on record, but this server keeps none")
    asked = {**call.ids, **dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))}
    await access.note(call.tenant, call.member, endpoint.name, noted(asked), call.at)
