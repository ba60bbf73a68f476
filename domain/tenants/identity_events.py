"""Whom the tokens of an identity provider let in."""

from dataclasses import dataclass
from typing import ClassVar

from domain.ids import MemberId
from domain.personal import personal


@dataclass(frozen=True, slots=True)
class MemberLinked:
    """Whoever an identity provider knows as `subject` is this member: its tokens let them in."""

    type: ClassVar[str] = "tenant.member_linked"
    member: MemberId
    issuer: str
    subject: str = personal(of="member")


@dataclass(frozen=True, slots=True)
class MemberUnlinked:
    """The provider's tokens for `subject` let nobody in any more."""

    type: ClassVar[str] = "tenant.member_unlinked"
    member: MemberId
    issuer: str
    subject: str = personal(of="member")


IdentityEvent = MemberLinked | MemberUnlinked
