"""The installation's pages as a person uses them."""

import re

from docker import APIClient
from playwright.sync_api import Page, WebSocket, expect

from tests.arrange import ContainerMaker
from tests.browser import sign_in


def test_the_top_bar_follows_the_host_over_the_one_socket(page: Page) -> None:
    sockets: list[WebSocket] = []
    told: list[str | bytes] = []

    def opened(socket: WebSocket) -> None:
        sockets.append(socket)
        socket.on("framereceived", lambda frame: told.append(frame))

    page.on("websocket", opened)
    sign_in(page)
    page.goto("/jobs/")
    meters = page.get_by_role("group", name="Docker host")
    expect(meters).to_contain_text("CPU")
    page.evaluate("document.querySelectorAll('#host-meters b').forEach((b) => b.textContent = '')")
    expect(meters.locator("b").first).to_contain_text("%")
    assert len(sockets) == 1
    assert any("#host-meters" in str(frame) for frame in told)


def test_events_are_followed_paused_and_lead_to_what_they_are_about(
    page: Page, docker: APIClient, make_container: ContainerMaker
) -> None:
    sign_in(page)
    page.goto("/events/?since=1h")
    make_container("herald", start=False)
    rows = page.locator("#events tbody tr", has_text="herald")
    expect(rows.first).to_contain_text("create")
    page.get_by_label("Action").select_option("create")
    expect(page).to_have_url(re.compile("action=create"))
    page.get_by_role("link", name="Pause").click()
    expect(page.get_by_role("link", name="Follow")).to_be_visible()
    assert "live=0" in page.url and "since=1h" in page.url and "action=create" in page.url
    page.get_by_label("Kind").select_option("container")
    expect(page).to_have_url(re.compile("type=container"))
    assert "live=0" in page.url
    rows.get_by_role("link", name="herald").click()
    expect(page.get_by_role("heading", name="herald")).to_be_visible()


def test_what_is_wrong_is_mended_without_scripts(
    page_without_scripts: Page, docker: APIClient
) -> None:
    page = page_without_scripts
    sign_in(page)
    page.goto("/system/check/")
    expect(page.get_by_role("row", name="Docker Engine")).to_contain_text("Good")
    page.get_by_role("link", name="Check again").click()
    expect(page.get_by_role("row", name="Queue worker")).to_contain_text("It is running")
    expect(page.get_by_role("group", name="Docker host")).to_contain_text("%")
    page.goto("/events/?live=0")
    expect(page.get_by_role("button", name="Show")).to_be_visible()
