"""Time zones that mean the same on every machine.

A machine's own zone files hold more than IANA's regions: `localtime` is whatever that machine is set to, `Factory`
and `posixrules` are stand-ins, `right/…` counts leap seconds, and old names (`Japan`, `US/Pacific`, `EST5EDT`) are
there or not, as its packager liked. The pure way is a rule on the name: a region of IANA's, and a place in it.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.refusals import InvalidInput

REGIONS = "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc"
NAME = re.compile(rf"UTC|(?:{REGIONS})(?:/[A-Z][A-Za-z0-9_+-]{{1,30}}){{1,2}}")


def check_zone(time_zone: str) -> None:
    """Refuse what is no IANA zone of the form Region/Place, or UTC."""
    if NAME.fullmatch(time_zone) is None or not _is_known(time_zone):
        raise InvalidInput("expected a time zone such as Asia/Tokyo, or UTC, but got another", field="time_zone")


def _is_known(time_zone: str) -> bool:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
