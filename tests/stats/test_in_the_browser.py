"""/statistics/ in a browser"""

import pytest
from playwright.sync_api import expect

from tests.browser import sign_in

pytestmark = pytest.mark.usefixtures("browser")

BURN = ["sh", "-c", "while :; do :; done"]


def test_the_page_follows_what_happens(page, docker, make_container):
    make_container("shop", command=BURN, host={"nano_cpus": 200_000_000})
    make_container("mail")
    sign_in(page)
    page.goto("/statistics/refresh/")
    cards = page.locator(".stat")
    expect(cards).to_have_count(2)
    expect(cards.nth(0).locator("h2")).to_have_text("shop")
    docker.kill("shop")
    with page.expect_response("**/statistics/refresh/**"):
        page.get_by_role("link", name="Refresh now").click()
    expect(page.locator(".stat", has_text="shop")).to_contain_text("Exited (137)")
    expect(page.locator("#statistics-facts")).to_contain_text("1 running container ")
    # Five seconds after it was shown, by itself.
    docker.kill("mail")
    expect(page.locator(".stat", has_text="mail")).to_contain_text("Exited")


def test_what_is_typed_filters_and_stays(page, make_container):
    make_container("shop")
    make_container("mail")
    sign_in(page)
    page.goto("/statistics/refresh/?view=table")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    with page.expect_response("**/statistics/?**search=mail**"):
        page.get_by_role("searchbox", name="Filter containers").fill("mail")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    expect(page.locator("#statistics")).not_to_have_attribute("data-hx-trigger", "every 5s")
    assert "search=mail" in page.url
    assert "view=table" in page.url
    page.get_by_role("link", name="6 h").click()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Resume").click()
    expect(page.get_by_text("Refreshes every 5 s")).to_be_visible()


def test_it_works_without_scripts(page_without_scripts, make_container):
    page = page_without_scripts
    make_container("shop")
    make_container("mail", start=False)
    sign_in(page)
    page.goto("/statistics/refresh/?paused=1")
    page.get_by_role("searchbox", name="Filter containers").fill("mail")
    page.get_by_label("Order").select_option("name")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".stat")).to_have_count(1)
    page.get_by_role("link", name="Table").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Refresh now").click()
    assert page.url.endswith("/statistics/?search=mail&sort=name&view=table&paused=1")
