"""What somebody's feed tells them: the same for the API and the console."""

from domain.tenants.member import ApiKey, Member
from domain.tenants.permissions import MAY
from domain.tenants.state import Tenant
from services.feeding.changes import Sight
from services.viewing import is_logged, viewer_of

TRAIL = "read_trail"


def sight_of(company: Tenant, member: Member, key: ApiKey | None) -> Sight:
    """What a member sees now, with a key or without.

    The company's own events, and commands that were refused, are the trail's: they are for those who may read that.
    """
    trail = member.permission in MAY[TRAIL] and (key is None or key.allows(TRAIL))
    return Sight(viewer_of(company, member), trail, is_logged(member))
