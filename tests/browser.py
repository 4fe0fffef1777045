"""A real browser that watches what pages do behind the reader's back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import (
    APIResponse,
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Route,
    expect,
)

from tests.waiting import wait_for

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT = 60_000
"""Milliseconds that a page may take for what it is asked for, on a machine that is busy."""
expect.set_options(timeout=TIMEOUT)

# The browser's own words where a page is left while its socket is still being opened.
LEFT_EARLY = "WebSocket is closed before the connection is established"
# The same where somebody is quicker in a field than the browser with the one that has autofocus.
QUICK = "Autofocus processing was blocked because a document already has a focused element"

HEARING = """() => {
  window.heard = 0;
  document.body.addEventListener("containers-changed", () => window.heard++);
}"""


def launch(playwright: Playwright) -> Browser:
    """Start Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Watch:
    """Collects what must not happen on a page: messages, errors, requests to other hosts.

    A refusal by the Content-Security-Policy is a console message too.
    """

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.seen: list[str] = []
        self._expected: list[str] = [LEFT_EARLY, QUICK]

    def expect(self, part: str) -> None:
        """Allow messages that contain this, as where the browser reports a 422 that is wanted."""
        self._expected.append(part)

    def attach(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))
        page.on("request", self._request)

    def unexpected(self) -> list[str]:
        """What was seen and not expected."""
        return [line for line in self.seen if not any(part in line for part in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        self.seen.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _request(self, request: Request) -> None:
        target = urlsplit(request.url)
        if target.scheme in {"http", "https", "ws", "wss"} and target.netloc != self.host:
            self.seen.append(f"request to another host: {request.url}")


def sign_in(page: Page, username: str = "monkeysee", password: str = "monkeydo") -> None:
    """Sign the page's browser in, without going through the form."""
    answer = page.context.request.post(
        "/api/login", data={"username": username, "password": password}
    )
    assert answer.ok, answer.text()


class HeldAnswer:
    """The next answer from an address, which is there and does not reach the page yet."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.held: list[tuple[Route, APIResponse]] = []
        page.evaluate(HEARING)
        page.route(url, lambda route: self.held.append((route, route.fetch())), times=1)

    def wait(self) -> None:
        """Wait until the server has given it."""
        wait_for(lambda: self.page.evaluate("true") and self.held, "the server's answer")

    def wait_for_news(self, change: Callable[[], object]) -> None:
        """Have something change, and wait until the page has heard that it did."""
        before = self.page.evaluate("heard")
        change()
        wait_for(lambda: self.page.evaluate("heard") > before, "the page to hear of it")

    def let_go(self) -> None:
        for route, answer in self.held:
            route.fulfill(response=answer)


@contextmanager
def watched_page(browser: Browser, url: str, watch: Watch, *, scripts: bool) -> Iterator[Page]:
    """A page in a browser profile of its own, on the site at `url`."""
    context = browser.new_context(base_url=url, java_script_enabled=scripts)
    context.set_default_timeout(TIMEOUT)
    context.on("page", watch.attach)
    try:
        yield context.new_page()
    finally:
        context.close()
