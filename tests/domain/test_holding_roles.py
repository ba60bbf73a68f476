"""Who holds a role: people who can do its steps."""

import pytest

from domain.ids import MemberId
from domain.refusals import CannotDoSteps, InvalidInput, NotFound
from domain.tenants import duty_events as d
from domain.tenants import events as e
from domain.tenants.company import set_role_holders
from domain.tenants.folding import fold
from tests.given import given
from tests.people import AIKO, CHIE, DAIKI, GORO, HANA, INVITATION_ENDS, IT, JIRO, KANA, STRANGER, TENANT


def test_roles_have_holders_in_order() -> None:
    given().when(set_role_holders, IT, (AIKO,)).then(d.RoleHoldersSet(IT, TENANT.holders[IT], (AIKO,)))


def test_the_same_holders_change_nothing() -> None:
    given().when(set_role_holders, IT, TENANT.holders[IT]).changes_nothing()


def test_nobody_holds_a_role_twice() -> None:
    given().when(set_role_holders, IT, (AIKO, AIKO)).refuses(InvalidInput, "twice")


def test_a_stranger_holds_no_role() -> None:
    given().when(set_role_holders, IT, (STRANGER,)).refuses(NotFound)


def test_a_role_has_a_short_name() -> None:
    given().when(set_role_holders, "情シス", (AIKO,)).refuses(InvalidInput, "short name")


@pytest.mark.parametrize("member", [GORO, JIRO], ids=["from outside", "invited"])
def test_who_can_do_steps_or_is_about_to_holds_a_role(member: MemberId) -> None:
    given().when(set_role_holders, IT, (member,)).then(d.RoleHoldersSet(IT, TENANT.holders[IT], (member,)))


@pytest.mark.parametrize("member", [HANA, KANA], ids=["auditor", "left"])
def test_who_can_do_no_steps_holds_no_role(member: MemberId) -> None:
    given().when(set_role_holders, IT, (AIKO, member)).refuses(CannotDoSteps)


def test_whose_invitation_ran_out_holds_no_role() -> None:
    given().on(INVITATION_ENDS).when(set_role_holders, IT, (JIRO,)).refuses(CannotDoSteps, "never came")


def test_work_passes_over_a_holder_who_became_an_auditor() -> None:
    tenant = fold([e.PermissionChanged(CHIE, "member", "auditor")], TENANT)
    assert tenant.active_holders(IT) == (DAIKI,)
