"""The pages of containers as a person uses them."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import HeldAnswer, sign_in

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def containers(page: Page, make_container) -> Page:
    """The list, signed in, with a container that runs and one that does not."""
    make_container(
        "web",
        ports=[80],
        environment=["MODE=fast"],
        labels={"com.docker.compose.project": "shop"},
        host={"port_bindings": {80: 8080}, "binds": ["web_data:/data"]},
    )
    make_container("db", start=False)
    sign_in(page)
    page.goto("/containers/")
    return page


def rows(page: Page) -> list[str]:
    return page.locator("tbody tr .who a").all_inner_texts()


def test_a_container_is_stopped_in_its_place(containers):
    containers.get_by_role("button", name="Stop web", exact=True).click()
    start = containers.get_by_role("button", name="Start web", exact=True)
    expect(start).to_be_visible()
    expect(containers.get_by_text("Stopped web")).to_be_visible()
    expect(containers.get_by_text("2 on")).to_contain_text("0 running")
    assert containers.url.endswith("/containers/")
    start.focus()
    containers.keyboard.press("Enter")
    expect(containers.get_by_role("button", name="Stop web", exact=True)).to_be_visible()


def test_the_list_follows_what_is_typed(containers):
    field = containers.get_by_role("searchbox", name="Name, image, label or port")
    field.press_sequentially("8080")
    expect(containers.locator("tbody tr .who a")).to_have_text(["web"])
    expect(field).to_be_focused()
    expect(field).to_have_value("8080")
    expect(containers).to_have_url(re.compile("search=8080"))  # and not only its first letters
    containers.reload()
    assert rows(containers) == ["web"]
    field.fill("nothing at all")
    expect(containers.get_by_text("Nothing matches “nothing at all”")).to_be_visible()


def test_a_refresh_under_way_does_not_undo_what_is_typed(containers, docker):
    containers.route("**/containers/", lambda route: None)  # the next refresh is never answered
    with containers.expect_request("**/containers/"):
        docker.rename("db", "database")
    field = containers.get_by_role("searchbox", name="Name, image, label or port")
    with containers.expect_event("requestfailed"):
        field.fill("nothing at all")
    expect(containers.get_by_text("Nothing matches “nothing at all”")).to_be_visible()


def test_a_refresh_that_waits_for_a_search_is_of_what_was_searched(containers, docker):
    answer = HeldAnswer(containers, "**/containers/?search=*")
    containers.get_by_role("searchbox", name="Name, image, label or port").fill("web")
    answer.wait()
    answer.wait_for_news(lambda: docker.rename("db", "database"))
    with containers.expect_request(
        lambda asked: "/containers/" in asked.url and "x-refresh" in asked.headers
    ) as asked:
        answer.let_go()
    assert "search=web" in asked.value.url
    expect(containers.locator("tbody tr .who a")).to_have_text(["web"])


def test_what_happens_elsewhere_is_seen_without_a_reload(containers, docker):
    docker.rename("db", "database")
    expect(containers.get_by_role("link", name="database", exact=True)).to_be_visible()


def test_what_is_selected_and_focused_stays_so(containers, docker, make_container):
    containers.get_by_label("Select db").check()
    name = containers.get_by_role("link", name="db", exact=True)
    name.focus()
    docker.kill("web")
    expect(containers.get_by_role("button", name="Start web", exact=True)).to_be_visible()
    make_container("another", start=False)
    expect(containers.get_by_role("link", name="another", exact=True)).to_be_visible()
    expect(containers.get_by_label("Select db")).to_be_checked()
    expect(containers.get_by_label("Select another")).not_to_be_checked()
    expect(name).to_be_focused()
    expect(containers.locator(".bulk")).to_contain_text("selected")


def test_what_is_typed_is_left_alone_by_what_happens(containers, docker):
    field = containers.get_by_role("searchbox", name="Name, image, label or port")
    field.focus()
    for number, letter in enumerate("8080"):
        docker.rename("db" if not number else f"db{number}", f"db{number + 1}")
        containers.keyboard.type(letter)
        containers.wait_for_timeout(120)
    expect(containers.locator("tbody tr")).to_have_count(1)
    expect(field).to_have_value("8080")
    docker.rename("web", "site")
    expect(containers.get_by_role("link", name="site", exact=True)).to_be_visible()
    expect(containers.locator("tbody tr")).to_have_count(1)


def test_deleting_asks_in_a_dialog(containers, docker):
    containers.get_by_role("link", name="Delete db").click()
    dialog = containers.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Delete db?")).to_be_visible()
    containers.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert docker.inspect_container("db")
    containers.get_by_role("link", name="Delete db").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(containers.get_by_text("Deleted db")).to_be_visible()
    expect(containers.locator("tbody tr .who a")).to_have_text(["web"])


def test_what_is_refused_is_said_where_one_is(containers, docker, watch):
    watch.expect("409")
    containers.get_by_role("link", name="Delete web").click()
    dialog = containers.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete").click()
    expect(containers.get_by_text("web is running: stop it first")).to_be_visible()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Kill it first").check()
    dialog.get_by_role("button", name="Delete").click()
    expect(containers.get_by_text("Deleted web")).to_be_visible()


def test_an_engine_that_goes_away_leaves_the_list_and_says_so(containers, engine):
    engine.kill()
    expect(containers.get_by_text("The Docker Engine does not answer")).to_be_visible()
    assert rows(containers) == ["db", "web"]
    expect(containers.get_by_role("link", name="Try again")).to_be_visible()
    engine.start()
    # Nobody has to press anything: the page hears of the Engine again by itself.
    expect(containers.get_by_text("The Docker Engine does not answer")).to_be_hidden()


def test_the_page_of_a_container_follows_its_state(containers):
    containers.get_by_role("link", name="web", exact=True).click()
    expect(containers.get_by_role("heading", name="web", exact=True)).to_be_visible()
    containers.get_by_role("button", name="Stop", exact=True).click()
    expect(containers.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(containers.get_by_role("heading", name="Configuration")).to_be_visible()


def test_the_pages_of_a_container_are_tabs(containers):
    containers.get_by_role("link", name="web", exact=True).click()
    tabs = containers.get_by_role("navigation", name="Pages of web")
    tabs.get_by_role("link", name="Environment").click()
    containers.get_by_role("link", name="Show all values").click()
    expect(
        containers.get_by_role("button", name=re.compile("Copy the value")).first
    ).to_be_visible()
    containers.get_by_role("link", name="Hide all values").click()
    expect(containers.get_by_role("button", name=re.compile("Copy the value"))).to_have_count(0)
    tabs.get_by_role("link", name="Inspect").click()
    expect(containers.locator("pre")).to_contain_text('"HostConfig"')
    containers.get_by_role("button", name="Copy", exact=True).click()
    expect(containers.get_by_text("Copied")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        "/containers/",
        "/containers/web/",
        "/containers/web/delete/",
        "/containers/web/inspect/",
        "/containers/web/environment/?show=all",
    ],
)
def test_nothing_scrolls_sideways_on_a_phone(containers, path):
    containers.set_viewport_size(PHONE)
    containers.goto(path)
    assert containers.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("path", ["/containers/", "/containers/shop/"])
def test_a_long_stack_wraps_on_a_phone(path, page, make_container):
    make_container("shop", labels={"com.docker.compose.project": "a_stack_of_one_word_" * 10})
    sign_in(page)
    page.set_viewport_size(PHONE)
    page.goto(path)
    expect(page.get_by_role("link", name="a_stack_of_one_word_").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_everything_works_without_scripts(page_without_scripts, make_container, docker):
    page = page_without_scripts
    make_container("web", volumes=["/scratch"])
    sign_in(page)
    page.goto("/containers/")
    page.get_by_role("button", name="Stop web", exact=True).click()
    expect(page.get_by_text("Stopped web")).to_be_visible()
    page.get_by_role("searchbox", name="Name, image, label or port").fill("web")
    page.get_by_role("button", name="Show").click()
    assert "search=web" in page.url
    page.get_by_role("link", name="Stopped").click()
    assert rows(page) == ["web"]
    page.get_by_role("link", name="Delete web").click()
    page.get_by_label("Delete its anonymous volumes too").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted web")).to_be_visible()
    assert not docker.volumes()["Volumes"]
