"""A person backs a stack up and brings it back, with scripts and without."""

import pytest
from docker import APIClient
from playwright.sync_api import expect

from tests.arrange import ContainerMaker, run_in
from tests.backups.sets.shop import make_shop
from tests.browser import Watch, sign_in

ENDS = 60_000
"""Milliseconds in which a job ends."""


# Named here, so that it runs last: the page itself is asked for only within.
@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("scripts", ["page", "page_without_scripts"])
def test_a_stack_goes_in_and_comes_back(
    request: pytest.FixtureRequest,
    docker: APIClient,
    make_container: ContainerMaker,
    watch: Watch,
    scripts: str,
) -> None:
    make_shop(docker, make_container)
    page = request.getfixturevalue(scripts)
    sign_in(page)

    page.goto("/stacks/")
    page.get_by_role("link", name="shop", exact=True).click()
    page.get_by_role("link", name="Back up", exact=True).click()
    page.get_by_label("Pause it while it is read").check()
    page.get_by_role("button", name="Back up", exact=True).click()
    page.get_by_role("link", name="Look at it").click(timeout=ENDS)

    run_in(docker, "shop-db-1", "sh", "-c", "echo new > /data/table")
    page.get_by_role("link", name="Restore all").click()
    expect(page.get_by_role("heading", name="In the way")).to_be_visible()
    page.get_by_label("Replace it").check()
    page.get_by_label("Put it in its place").check()
    if scripts == "page":
        expect(page.get_by_role("heading", name="What will be done")).to_be_visible()
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_text("The stack is back")).to_be_visible(timeout=ENDS)
    assert run_in(docker, "shop-db-1", "cat", "/data/table") == "rows\n"
