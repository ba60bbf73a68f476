"""A SCIM tester that nobody here wrote (scim2-tester) finds nothing wrong with a program that runs."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server

from services.api.scim.names import MEMBER
from tests.services.commanding import Running

COMPANY = {"company": "テスト株式会社", "owner": {"name": "愛子", "email": "aiko@test.example"}}
NEEDED = f"expected an attribute that users can be without, but '{MEMBER}' is needed"
NOT_APPLICABLE = {
    # It removes our extension as a whole; a part of that is required, and the standard wants a refusal then: "If an
    # attribute is removed … and is defined as a required attribute … the server SHALL return an HTTP response status
    # code and a JSON detail error response" (RFC 7644, section 3.5.2.2).
    ("check_remove_attribute", f"Failed to remove attribute '{MEMBER}': {NEEDED}"),
}
CHECKS = 40
"""As many as it makes of a server that has it all: it leaves out what a server says that it lacks."""


@pytest.fixture(scope="module")
def report(module_database: str) -> Iterator[list[CheckResult]]:
    """All that it says of a company with a department."""
    with Running("serve", DATABASE_URL=module_database, ASHIATO_PORT="0") as running:
        found = re.search(r"http://[\d.]+:\d+", running.until("listens on"))
        assert found is not None
        key = httpx2.post(f"{found[0]}/v1/tenants", json=COMPANY).json()["secret"]
        bearer = {"authorization": f"Bearer {key}"}
        httpx2.put(f"{found[0]}/v1/departments/hr", json={"title": "人事部"}, headers=bearer).raise_for_status()
        with httpx2.Client(base_url=f"{found[0]}/scim/v2", headers=bearer) as client:
            yield check_server(SyncSCIMClient(client))


def test_it_finds_no_error(report: list[CheckResult]) -> None:
    wrong = [check for check in report if check.status is not Status.SUCCESS]
    assert {(str(check.title), str(check.reason)) for check in wrong} == NOT_APPLICABLE


def test_it_has_looked_at_everything(report: list[CheckResult]) -> None:
    titles = {str(check.title) for check in report}
    assert {"object_creation", "object_replacement", "object_deletion", "search_with_attributes"} <= titles
    assert {f"check_{verb}_attribute" for verb in ("add", "remove", "replace")} <= titles
    assert len(report) >= CHECKS
