"""What all pages have in common, seen from the outside."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import sign_in, watched_page

LIST = "/containers/"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def web(make_container) -> str:
    """A container that can be started, by its id."""
    return make_container("web", command=["sleep", "1000"], start=False)


def open_list(page: Page) -> None:
    sign_in(page)
    page.goto(LIST)


def test_a_dialog_shows_the_page_behind_its_link_and_gives_the_focus_back(page, web):
    open_list(page)
    page.get_by_role("link", name="Delete web").click()
    dialog = page.get_by_role("dialog", name="Delete web?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Delete web")).to_be_focused()
    expect(page).to_have_url(page.url)


def test_cancel_closes_a_dialog_where_it_is(page, web):
    open_list(page)
    page.get_by_role("link", name="Delete web").click()
    page.get_by_role("dialog").get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url.endswith(LIST)


def test_the_error_of_a_dialog_can_be_read_and_dismissed_in_it(page, watch, web, docker):
    watch.expect("status of 404")
    open_list(page)
    page.get_by_role("link", name="Delete web").click()
    dialog = page.get_by_role("dialog", name="Delete web?")
    expect(dialog).to_be_visible()
    docker.remove_container(web, force=True)
    dialog.get_by_role("button", name="Delete").click()
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text("No such container")
    expect(dialog.get_by_role("button", name="Delete")).to_be_enabled()
    alert.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)
    expect(dialog).to_be_visible()


def test_success_leaves_by_itself(page, web):
    page.clock.install()
    open_list(page)
    page.get_by_role("button", name="Start web", exact=True).click()
    toast = page.get_by_label("Messages").get_by_text("Started web")
    expect(toast).to_be_visible()
    page.clock.fast_forward(7000)
    expect(toast).to_have_count(0)


def test_an_error_without_words_of_ours_is_told_and_stays_until_it_is_dismissed(page, watch, web):
    watch.expect("status of 502")
    page.clock.install()
    page.route("**/start/", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    open_list(page)
    page.get_by_role("button", name="Start web", exact=True).click()
    alert = page.get_by_label("Messages").get_by_role("alert")
    expect(alert).to_contain_text("The server answered with an error (502).")
    expect(page.get_by_text("Bad gateway")).to_have_count(0)
    # Longer than others stay, and not so long that a list's request under way is given up.
    page.clock.fast_forward(20_000)
    alert.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)


def test_messages_stand_at_the_head_of_the_page_without_scripts(page_without_scripts, web):
    page = page_without_scripts
    open_list(page)
    page.get_by_role("button", name="Start web", exact=True).click()
    message = page.get_by_text("Started web")
    expect(message).to_be_visible()
    expect(page.get_by_role("button", name="Dismiss")).to_have_count(0)
    heading = page.get_by_role("heading", level=1)
    assert message.bounding_box()["y"] < heading.bounding_box()["y"]


def test_the_theme_is_kept(scripts, browser: Browser, site, watch):
    with watched_page(browser, site.url, watch, scripts=scripts) as page:
        sign_in(page)
        page.goto("/jobs/")
        dark = page.get_by_role("banner").get_by_role("button", name="Dark")
        with page.expect_response("**/theme/"):
            dark.click()
        expect(dark).to_have_attribute("aria-pressed", "true")
        page.goto("/backups/")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        body = page.locator("body")
        assert body.evaluate("node => getComputedStyle(node).colorScheme") == "dark"


def test_the_sidebar_opens_on_a_phone_without_scripts(page_without_scripts):
    page = page_without_scripts
    page.set_viewport_size(PHONE)
    sign_in(page)
    page.goto("/jobs/")
    sidebar = page.get_by_role("complementary", name="Sidebar")
    expect(sidebar).to_be_hidden()
    page.get_by_role("button", name="More").click()
    sidebar.get_by_role("link", name="Backups").click()
    assert page.url.endswith("/backups/")


@pytest.mark.parametrize("path", [LIST, "/backups/", "/jobs/", "/accounts/password/"])
def test_no_page_scrolls_sideways_on_a_phone(path, page, web):
    page.set_viewport_size(PHONE)
    sign_in(page)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(page):
    sign_in(page)
    page.goto("/jobs/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_icons_and_font_are_there(page, web):
    open_list(page)
    loaded = page.evaluate(
        "async () => { await document.fonts.ready;"
        " return [...document.fonts].filter(font => font.status === 'loaded').length }"
    )
    assert loaded
    icon = page.locator(".nav svg").first
    assert icon.evaluate("node => node.getBBox().width") > 0


def test_a_lost_connection_is_said(page, watch, web):
    watch.expect("ERR_INTERNET_DISCONNECTED")
    watch.expect("Failed to fetch")
    open_list(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Start web", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Container Monkey does not answer")
    expect(page.get_by_role("button", name="Start web", exact=True)).to_be_enabled()
