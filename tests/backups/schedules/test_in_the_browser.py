"""Schedules, as a person makes them, and the worker that runs them"""

import re
import sqlite3
from contextlib import closing

import pytest
from docker import APIClient
from playwright.sync_api import Page, expect

from tests.browser import sign_in

NEW = "/backups/schedules/new/"


@pytest.fixture
def _containers(make_container) -> None:
    make_container("web", labels={"tier": "front"}, start=False)
    make_container("a-container-whose-name-is-" + "long" * 20, start=False)


@pytest.mark.usefixtures("_containers")
def test_the_next_runs_and_what_is_covered_follow_what_is_chosen(page: Page) -> None:
    sign_in(page)
    page.goto(NEW)
    preview = page.locator("#preview")
    expect(preview).to_contain_text("2 containers")
    expect(page.get_by_label("Cron expression")).to_be_hidden()
    page.get_by_text("Cron", exact=True).click()
    page.get_by_label("Cron expression").fill("0 12 * * MON")
    expect(preview.locator(".moments li")).to_have_text([re.compile(r"Mon .*, 12:00 UTC")] * 5)
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    expect(preview).to_contain_text("12:00 JST")
    page.get_by_label("Cron expression").fill("0 12 * * nonsense")
    expect(preview).to_contain_text("the day of the week is not valid")
    page.get_by_label("Cron expression").fill("0 12 * * MON")
    page.get_by_text("Only these").click()
    page.get_by_label("Labels").fill("tier=front")
    expect(preview).to_contain_text("1 container.")
    page.get_by_label("Name", exact=True).fill("mondays")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("mondays")
    expect(page.get_by_text("Saved the schedule mondays.")).to_be_visible()


@pytest.mark.usefixtures("_containers")
def test_a_run_is_watched_to_its_end_on_the_page(page: Page) -> None:
    sign_in(page)
    page.goto(NEW)
    page.get_by_label("Name", exact=True).fill("nightly")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("#runs")).to_contain_text("2 good")


@pytest.mark.usefixtures("_containers")
def test_the_worker_runs_by_itself_what_is_due(page: Page, site) -> None:
    sign_in(page)
    page.goto(NEW)
    page.get_by_label("Name", exact=True).fill("nightly")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#runs")).to_contain_text("It has not run yet.")
    with closing(sqlite3.connect(site.database, timeout=20)) as database:
        database.execute("UPDATE backups_schedule SET next_run = '2026-01-02 03:04:00'")
        database.commit()
    expect(page.locator("#runs")).to_contain_text("2 good")
    page.reload()
    expect(page.locator("#preview .moments li")).to_have_count(5)
    expect(page.get_by_text("Due since")).to_be_hidden()


@pytest.mark.usefixtures("_containers")
def test_all_of_it_works_without_scripts(page_without_scripts: Page, watch) -> None:
    page = page_without_scripts
    watch.expect("422")
    sign_in(page)
    page.goto(NEW)
    page.get_by_text("Weekly", exact=True).click()
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator(".moments li")).to_have_text([re.compile(r"Mon .*, 02:30 UTC")] * 5)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("must have 1 to 100 printable characters").first).to_be_visible()
    page.get_by_label("Name", exact=True).fill("weekly")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("weekly is off now.")).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Its backups stay.")).to_be_visible()


@pytest.mark.usefixtures("_containers")
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(page: Page, docker: APIClient, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page)
    page.goto(NEW)
    page.get_by_label("Name", exact=True).fill("a name " + "long" * 20)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Run now").click()
    detail = page.url
    for address in (detail, f"{detail}edit/", "/backups/schedules/", NEW):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
