"""The bar under the list, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sign_in


@pytest.fixture
def listed(page: Page, make_container) -> Page:
    make_container("db", start=False)
    make_container("mail", start=False)
    make_container("web")
    sign_in(page)
    page.goto("/containers/")
    return page


def offered(page: Page) -> list[str]:
    return page.locator(".bulk button:visible").all_inner_texts()


def test_the_bar_offers_what_makes_sense(listed):
    expect(listed.locator(".bulk")).to_be_hidden()
    listed.get_by_label("Select web").check()
    expect(listed.locator(".bulk")).to_be_visible()
    assert "Stop" in offered(listed)
    assert "Start" not in offered(listed)
    assert "Unpause" not in offered(listed)
    listed.get_by_label("Select db").check()
    assert {"Start", "Stop", "Back up"} <= {*offered(listed)}
    listed.get_by_label("Select all shown").check()
    expect(listed.locator("tbody :checked")).to_have_count(3)


def test_the_selected_are_acted_on(listed):
    listed.get_by_label("Select db").check()
    listed.get_by_label("Select mail").check()
    listed.locator(".bulk").get_by_role("button", name="Start", exact=True).click()
    expect(listed.get_by_text("Started 2 containers")).to_be_visible()
    expect(listed.get_by_role("button", name="Stop db", exact=True)).to_be_visible()


def test_deleting_asks_in_a_dialog(listed, docker):
    listed.get_by_label("Select db").check()
    listed.get_by_label("Select mail").check()
    listed.locator(".bulk").get_by_role("button", name="Delete").click()
    dialog = listed.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Delete 2 containers?")
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    listed.locator(".bulk").get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(listed.get_by_text("Deleted 2 containers")).to_be_visible()
    assert {row["Names"][0] for row in docker.containers(all=True)} == {"/web"}


def test_without_scripts_it_works_as_well(page_without_scripts, make_container, docker):
    page = page_without_scripts
    make_container("db", start=False)
    sign_in(page)
    page.goto("/containers/")
    page.get_by_label("Select db").check()
    page.locator(".bulk").get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Started 1 container")).to_be_visible()
    page.get_by_label("Select db").check()
    page.locator(".bulk").get_by_role("button", name="Delete").click()
    page.get_by_label("Kill those that run first").check()
    page.get_by_role("button", name="Delete").last.click()
    expect(page.get_by_text("Deleted 1 container")).to_be_visible()
    assert docker.containers(all=True) == []
