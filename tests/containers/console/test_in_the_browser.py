"""The console as a person uses it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sign_in
from tests.waiting import wait_for

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def container(make_container) -> str:
    return make_container("web")


@pytest.fixture
def console(page: Page, container: str) -> Page:
    """A console of web, connected."""
    sign_in(page)
    page.goto("/console/web")
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    expect(shown(page)).to_contain_text("/ #")
    return page


def shown(page: Page):
    return page.locator(".xterm-rows")


def typed(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_what_is_typed_is_run(console, container, nothing_runs):
    typed(console, "echo gr\\öße $((6*7))")
    expect(shown(console)).to_contain_text("größe 42")
    console.goto("/containers/")
    nothing_runs(container)


def test_colours_need_no_inline_style(console):
    typed(console, "printf '\\033[31mred\\033[0m \\033[38;2;10;200;100mtrue\\033[0m\\n'")
    expect(shown(console).locator("span", has_text=re.compile("^true$"))).to_be_visible()
    red = shown(console).locator("span", has_text=re.compile("^red$"))
    light = red.evaluate("node => getComputedStyle(node).color")
    console.get_by_role("button", name="Dark").click()
    wait_for(lambda: red.evaluate("node => getComputedStyle(node).color") != light, "other colours")


def test_the_terminal_follows_the_window(console):
    typed(console, "echo wide $(stty size)")
    expect(shown(console)).to_contain_text(re.compile(r"wide \d+ \d+"))
    wide = re.search(r"wide \d+ (\d+)", shown(console).inner_text())[1]
    console.set_viewport_size({"width": 700, "height": 800})
    typed(console, "sleep 1; echo narrow $(stty size)")
    expect(shown(console)).to_contain_text(re.compile(r"narrow \d+ \d+"))
    narrow = re.search(r"narrow \d+ (\d+)", shown(console).inner_text())[1]
    assert int(narrow) < int(wide)


def test_ctrl_c_ends_a_flood(console):
    typed(console, "yes monkeys")
    expect(shown(console)).to_contain_text("monkeys")
    expect(shown(console).locator("> div").nth(6)).to_contain_text("monkeys")
    console.keyboard.press("Control+c")
    typed(console, "echo back $((40+2))")
    expect(shown(console)).to_contain_text("back 42")


def test_what_is_pasted_arrives_whole(console):
    typed(console, "stty -echo; cat >/tmp/pasted")
    text = "größe 猴 " * 20_000 + "end"
    console.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.querySelector(".xterm-helper-textarea").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        "\n".join(text[start : start + 500] for start in range(0, len(text), 500)),
    )
    console.keyboard.press("Enter")
    console.keyboard.press("Control+d")
    typed(console, "stty echo; echo; echo counted $(tr -d '\\n' </tmp/pasted | wc -c)")
    expect(shown(console)).to_contain_text(f"counted {len(text.encode())}")


def test_what_is_selected_is_copied(console):
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    typed(console, "clear; printf 'monkey'\\\\n")
    line = shown(console).get_by_text("monkey", exact=True)
    expect(line).to_be_visible()
    line.dblclick(force=True)  # xterm.js puts a layer over its rows
    console.keyboard.press("Control+Shift+c")
    wait_for(
        lambda: console.evaluate("navigator.clipboard.readText()") == "monkey", "it to be copied"
    )


def test_how_it_ended_is_told_and_enter_opens_it_again(console):
    typed(console, "exit 3")
    expect(console.get_by_text("It ended with exit code 3.", exact=True)).to_be_visible()
    expect(console.get_by_role("status").filter(has_text="Not connected")).to_be_visible()
    console.keyboard.press("Enter")
    expect(console.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    expect(console.get_by_role("button", name="Connect again")).to_be_hidden()
    typed(console, "echo again $((6*7))")
    expect(shown(console)).to_contain_text("again 42")


def test_a_container_that_stops_is_told(console, docker, container):
    docker.kill(container)
    expect(console.get_by_text("web has stopped.", exact=True)).to_be_visible()
    docker.start(container)
    console.get_by_role("button", name="Connect again").click()
    typed(console, "echo again $((6*7))")
    expect(shown(console)).to_contain_text("again 42")


def test_another_user_and_folder_are_chosen(console, container, running):
    console.get_by_role("textbox", name="User").fill("guest")
    console.get_by_role("textbox", name="Working folder").fill("/tmp")
    console.get_by_role("button", name="Open anew").click()
    expect(shown(console)).to_contain_text("/tmp $")
    typed(console, "id -un; sleep 1001")
    expect(shown(console)).to_contain_text("guest")
    wait_for(lambda: sorted(running(container)) == ["sh", "sleep 1001"], "the old one to end")


def test_what_cannot_be_opened_is_told(console):
    console.get_by_role("textbox", name="User").fill("nobody-at-all")
    console.get_by_role("button", name="Open anew").click()
    reason = re.compile("nable to find user nobody-at-all")
    expect(console.get_by_text(reason).first).to_be_visible()


def test_signing_out_ends_it(console, container, nothing_runs):
    request = console.context.request
    token = request.get("/api/auth-status").json()["csrf_token"]
    assert request.post("/api/logout", headers={"X-CSRFToken": token}).ok
    # Sockets look at their session every five seconds, which is as long as expect would wait.
    told = console.get_by_text("You have been signed out.", exact=True)
    expect(told).to_be_visible()
    nothing_runs(container)


def test_what_is_shown_can_be_searched(console):
    typed(console, "seq 1 300; echo nee''dle in it; seq 1 300")
    expect(shown(console)).to_contain_text("299")
    console.keyboard.press("Control+Shift+f")
    field = console.get_by_label("Find", exact=True)
    expect(field).to_be_focused()
    console.keyboard.type("needle in")
    expect(shown(console)).to_contain_text("needle in it")


def test_there_is_a_way_out_by_keyboard(console):
    console.keyboard.press("Control+Shift+ArrowDown")
    expect(console.get_by_role("button", name="Copy")).to_be_focused()


def test_a_phone_has_the_keys_it_lacks(page, container):
    sign_in(page)
    page.set_viewport_size(PHONE)
    page.goto("/console/web")
    expect(shown(page)).to_contain_text("/ #")
    typed(page, "cat")
    page.get_by_role("button", name="Ctrl").click()
    page.keyboard.type("c")
    typed(page, "echo back $((6*7))")
    expect(shown(page)).to_contain_text("back 42")
    page.get_by_role("button", name="Up").click()
    page.keyboard.press("Enter")
    expect(shown(page)).to_contain_text(re.compile("back 42.*back 42", re.DOTALL))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_scripts_one_command_is_run(page_without_scripts, container):
    page = page_without_scripts
    sign_in(page)
    page.goto("/console/web")
    page.get_by_role("textbox", name="Command").fill("sh -c 'echo here; exit 2'")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Exit code 2")).to_be_visible()
    expect(page.get_by_text("here", exact=True)).to_be_visible()
