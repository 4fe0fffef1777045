"""The main pages as somebody who may only look: what is disabled keeps nobody out of the rest."""

import subprocess
import sys
from typing import Any

from playwright.sync_api import Page

from tests.arrange import ContainerMaker
from tests.browser import sign_in
from tests.looks.test_every_page import AXE, DESK, EVERY_RULE, OF_THE_LOOKS, PHONE, arrange, wrong
from tests.site import ROOT, Site

PAGES = (
    *("/containers/", "/containers/web/", "/containers/web/environment/", "/volumes/web-data/"),
    *("/images/busybox:test/", "/stacks/shop/", "/backups/", "/jobs/"),
)


def test_every_page_is_open_to_viewers_and_says_what_they_may_not(
    site: Site, page: Page, make_container: ContainerMaker
) -> None:
    labels: dict[str, Any] = {"com.docker.compose.project": "shop", "api.token": "hunter2"}
    labels["com.docker.compose.service"] = "web"
    make_container(
        "web", labels=labels, environment={"A": "hunter2"}, host={"binds": ["web-data:/data"]}
    )
    sign_in_as_viewer(page, site)
    found = []
    for address in PAGES:
        answer = page.goto(address)
        assert answer is not None and answer.ok, address
        page.evaluate(AXE.read_text())
        arrange(page, DESK, "light")
        found += [f"{address}, light desk: {words}" for words in wrong(page, EVERY_RULE)]
        assert "hunter2" not in page.content()
        arrange(page, PHONE, "dark")
        found += [f"{address}, dark phone: {words}" for words in wrong(page, OF_THE_LOOKS)]
    assert not found, "\n".join(found)


def test_a_disabled_link_opens_nothing(
    site: Site, page: Page, make_container: ContainerMaker
) -> None:
    make_container("web")
    sign_in_as_viewer(page, site)
    page.goto("/containers/web/")
    delete = page.locator(".acts [aria-disabled=true]", has_text="Delete")
    delete.focus()
    page.keyboard.press("Enter")
    delete.click(force=True)
    assert page.url.endswith("/containers/web/")
    assert not page.locator("#dialog[open]").count()
    assert "right to delete" in (delete.get_attribute("title") or "")


def test_only_links_that_lead_nowhere_look_so_under_the_pointer(
    site: Site, page: Page, make_container: ContainerMaker
) -> None:
    make_container("web")
    sign_in_as_viewer(page, site)
    page.goto("/system/clean-up/")
    assert cursor_over(page, "Delete unused volumes") == "not-allowed"
    page.goto("/")
    assert cursor_over(page, "All events") == "pointer"


def cursor_over(page: Page, link: str) -> str:
    """What the pointer becomes; `auto` is the browser's own choice for a link, a hand."""
    found = page.get_by_role("link", name=link)
    found.hover()
    cursor: str = found.evaluate("node => getComputedStyle(node).cursor")
    return "pointer" if cursor == "auto" else cursor


def sign_in_as_viewer(page: Page, site: Site) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", MAKE_A_VIEWER]
    subprocess.run(command, env=site.environment, check=True, capture_output=True)
    sign_in(page, "vera", "only-here-to-look")


MAKE_A_VIEWER = """
from accounts.models import User
from accounts.rights import Role
from accounts.roles import give_role
give_role(User.objects.create_user("vera", password="only-here-to-look"), Role.VIEWER)
"""
