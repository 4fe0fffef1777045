"""The pages of jobs as a person uses them, with jobs that really run."""

import pytest
from playwright.sync_api import Page, expect

from tests.arrange import run_in
from tests.browser import sign_in

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def web(docker, make_container) -> str:
    """A container whose backup takes a second at least, in which it can be caught."""
    made = make_container("web", host={"binds": ["web_data:/data"]})
    run_in(docker, made, "dd", "if=/dev/urandom", "of=/data/file", "bs=1M", "count=400")
    return made


def start_backup(page: Page, hold: str = "none") -> None:
    sign_in(page)
    page.goto("/backups/create/web/")
    page.locator(f"input[name=consistency][value={hold}]").check(force=True)
    page.get_by_role("button", name="Back up").click()


def see_the_backup(page: Page) -> None:
    expect(page.get_by_role("heading", name="Backup of web", level=1)).to_be_visible()


def test_progress_moves_by_itself_up_to_the_result(page, site, web):
    start_backup(page)
    chip = page.locator("#job-chip")
    with site.job_in_the_middle():
        see_the_backup(page)
        expect(chip).to_contain_text("Backup of web")
        expect(page.locator("#job .prog")).to_contain_text("B/s")
        expect(page.locator("#job pre")).to_contain_text("Reading the volume web_data")
    expect(page.get_by_text("The backup is complete")).to_be_visible()
    expect(page.locator("#job pre")).to_contain_text("Complete")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    expect(chip).not_to_contain_text("Backup of web")


def test_the_list_of_jobs_moves_by_itself(page, site, web):
    start_backup(page, hold="stop")
    with site.job_in_the_middle():
        see_the_backup(page)
        page.goto("/jobs/")
        page.set_viewport_size(PHONE)
        expect(page.locator(".prog")).to_contain_text("B/s")
        expect(page.locator("#queue")).to_contain_text("Held still by it")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    expect(page.locator("tbody tr")).to_contain_text("Complete")
    expect(page.locator(".prog")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_job_is_cancelled_from_its_page(page, site, web, docker):
    start_backup(page)
    with site.job_in_the_middle():
        see_the_backup(page)
        expect(page.locator("#job .prog")).to_contain_text("B/s")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Cancelling")).to_be_visible()
    expect(page.locator("#job .prog")).to_contain_text("Cancelled on request")
    assert docker.inspect_container("web")["State"]["Running"]


def test_it_works_without_scripts(page_without_scripts, site, web):
    page = page_without_scripts
    start_backup(page)
    with site.job_in_the_middle():
        see_the_backup(page)
        expect(page.get_by_text("Reading the volume web_data").first).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Cancelling")).to_be_visible()
    expect(page.get_by_text("Cancelled on request.").first).to_be_visible()


def test_what_has_ended_is_searched_as_one_types_and_run_again(page, docker, make_container):
    make_container("web", start=False)
    start_backup(page)
    see_the_backup(page)
    expect(page.get_by_text("The backup is complete")).to_be_visible()
    page.goto("/jobs/")
    rows = page.locator("#ended tbody tr")
    expect(rows).to_have_count(1)
    search = page.get_by_role("searchbox", name="Container, file or error")
    search.press_sequentially("nothing like it")
    expect(page.locator("#ended")).to_contain_text("Show all jobs")
    expect(search).to_be_focused()
    expect(search).to_have_value("nothing like it")
    search.fill("web")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("heading", name="Backup of web", level=1)).to_be_visible()
    page.goto("/jobs/")
    expect(rows).to_have_count(2)


def test_jobs_are_chosen_and_run_again_without_scripts(page_without_scripts, make_container):
    page = page_without_scripts
    make_container("web", start=False)
    start_backup(page)
    see_the_backup(page)
    expect(page.get_by_text("The backup is complete")).to_be_visible()
    page.goto("/jobs/")
    page.get_by_label("Kind").select_option("restore")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#ended")).to_contain_text("Show all jobs")
    page.get_by_label("Kind").select_option("backup")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("heading", name="Backup of web", level=1)).to_be_visible()
