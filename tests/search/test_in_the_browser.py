import re

import pytest
from playwright.sync_api import expect

from tests.browser import sign_in


@pytest.fixture
def volumes(docker):
    for name in ("immich_db", "immich_files"):
        docker.create_volume(name)


def test_a_few_letters_and_the_arrows_lead_there(page, volumes):
    sign_in(page)
    page.goto("/containers/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Jump to anything")
    expect(field).to_be_focused()
    field.press_sequentially("immi")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    field.press_sequentially("c")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.press_sequentially("h_f")
    expect(options).to_have_count(1)
    field.press("ArrowUp")
    field.press("Enter")
    expect(page.get_by_role("heading", name="immich_files")).to_be_visible()


def test_escape_gives_the_focus_back(page, volumes):
    sign_in(page)
    page.goto("/containers/")
    search = page.get_by_role("searchbox", name="Name, image, label or port")
    search.focus()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Jump to anything")
    field.press_sequentially("immi")
    expect(page.get_by_role("listbox")).to_be_visible()
    field.press("Escape")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(search).to_be_focused()
    expect(field).to_have_value("")


def test_enter_alone_leads_to_the_page_of_all(page, volumes):
    sign_in(page)
    page.goto("/containers/")
    field = page.get_by_role("combobox", name="Jump to anything")
    field.fill("immich")
    field.press("Enter")
    expect(page.get_by_role("heading", name="Search", exact=True)).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="immich_db").click()
    expect(page.get_by_role("heading", name="immich_db")).to_be_visible()


def test_a_press_leads_there(page, volumes):
    sign_in(page)
    page.goto("/containers/")
    page.get_by_role("combobox", name="Jump to anything").fill("immich_db")
    page.get_by_role("option").click()
    expect(page.get_by_role("heading", name="immich_db")).to_be_visible()


def test_it_works_without_scripts(page_without_scripts, volumes):
    page = page_without_scripts
    sign_in(page)
    page.goto("/containers/")
    page.get_by_role("searchbox", name="Jump to anything").fill("immich_db")
    page.get_by_role("searchbox", name="Jump to anything").press("Enter")
    page.get_by_role("main").get_by_role("link", name="immich_db").click()
    expect(page.get_by_role("heading", name="immich_db")).to_be_visible()
