"""Pages without a mouse: every stop is seen, and dialogs give the focus back."""

import pytest
from docker import APIClient
from playwright.sync_api import Page, expect

from tests.arrange import ContainerMaker
from tests.backups.sets.shop import compose
from tests.browser import sign_in

MOST_STOPS = 100
DIALOGS = {
    "/volumes/": "Create",
    "/volumes/data/files/": "New folder",
    "/images/busybox:test/": "Tag",
    "/networks/": "Delete unused",
    "/stacks/shop/": "Delete",
}
"""By page: the link that opens a dialog."""
FOCUS = """() => {
    const node = document.activeElement;
    if (node === document.body) return null;
    const box = node.getBoundingClientRect();
    const ringed = [node, node.closest("label")].some(
        (each) => each && getComputedStyle(each).outlineStyle !== "none");
    // Where it begins: what is higher than the window cannot be seen as a whole.
    const y = box.y + Math.min(box.height / 2, 12);
    const above = document.elementFromPoint(box.x + Math.min(box.width / 2, 12), y);
    const name = node.getAttribute("aria-label") ?? node.labels?.[0]?.innerText ?? node.innerText;
    return {
        name: name.trim().split("\\n")[0],
        seen: ringed && (node.contains(above) || node.closest("label")?.contains(above)),
        inDialog: Boolean(node.closest("dialog")),
    };
}"""


@pytest.fixture
def furnished(docker: APIClient, make_container: ContainerMaker) -> None:
    docker.create_volume("data")
    docker.create_network("front")
    make_container("shop-web-1", labels=compose("web"))


def walk_to(page: Page, name: str) -> None:
    """Press Tab until what has this name is focused; every stop on the way can be seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        assert stop, f"There is no {name} on the way."
        assert stop["seen"], f"The focus on {stop['name']!r} is not seen."
        if stop["name"] == name:
            return
    raise AssertionError(f"{name} is too far away.")


@pytest.mark.usefixtures("furnished")
def test_dialogs_are_opened_used_and_left_with_the_keyboard(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    sign_in(page)
    for address, name in DIALOGS.items():
        page.goto(address)
        walk_to(page, name)
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog, address).to_be_visible()
        stops = 0
        for _ in range(2 * dialog.locator("a, button, input, textarea, select").count()):
            stop = page.evaluate(FOCUS)
            assert stop is None or stop["inDialog"], f"{address}: {stop}"
            assert stop is None or stop["seen"], f"{address}: {stop}"
            stops += stop is not None
            page.keyboard.press("Tab")
        assert stops, address
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        assert page.evaluate(FOCUS)["name"] == name, address


def test_the_account_s_menu_is_opened_walked_and_left_with_the_keyboard(page: Page) -> None:
    sign_in(page)
    page.goto("/jobs/")
    walk_to(page, "MO")
    page.keyboard.press("Enter")
    walk_to(page, "Change password")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Change password")).to_be_hidden()
    assert page.evaluate(FOCUS)["name"] == "MO"


def test_a_compose_file_is_deployed_with_the_keyboard(page: Page, busybox: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    sign_in(page)
    page.goto("/stacks/-/deploy/")
    walk_to(page, "Name")
    page.keyboard.type("press")
    walk_to(page, "Or its text")
    page.keyboard.type("services: {web: {image: 'busybox:test'}}")
    walk_to(page, "Variables")
    page.keyboard.type("GREETING=hello")
    walk_to(page, "Remove what is not in the file")
    page.keyboard.press("Space")
    walk_to(page, "Check it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Make and start web from busybox:test")).to_be_visible()
    walk_to(page, "Deploy")
