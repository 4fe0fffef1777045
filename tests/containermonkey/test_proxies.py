"""Who is calling, and how, behind proxies: real sockets, with TLS and without."""

import json
import ssl
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any

import pytest
from playwright.sync_api import Browser

from containermonkey.front.proxies import as_called
from tests.browser import TIMEOUT, Watch
from tests.proxying import proxy, self_signed
from tests.site import Site
from tests.waiting import wait_for

TRUSTED = "127.0.0.2"


def called(settings: Any, headers: list[tuple[bytes, bytes]], peer: str = TRUSTED) -> Any:
    settings.TRUSTED_PROXIES = [TRUSTED, "10.0.0.0/8", "2001:db8::/64"]
    scope = {"type": "http", "scheme": "http", "client": (peer, 4711), "headers": headers}
    return as_called(scope)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ([b"203.0.113.9"], "203.0.113.9"),
        ([b"6.6.6.6, 203.0.113.9"], "203.0.113.9"),  # the caller made up what stands before
        ([b"6.6.6.6", b"203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ([b"203.0.113.9:5123"], "203.0.113.9"),
        ([b"[2001:db8:1::7]:443"], "2001:db8:1::7"),
        ([b"::ffff:203.0.113.9, 2001:db8::1"], "203.0.113.9"),
        ([b"10.1.2.3, 10.1.2.4"], "10.1.2.3"),
        ([b"unknown"], "unknown"),
        ([b""], TRUSTED),
    ],
)
def test_the_address_is_the_last_that_is_no_proxy(settings, said, address):
    scope = called(settings, [(b"x-forwarded-for", value) for value in said])
    assert scope["client"][0] == address


def test_scheme_and_host_are_what_the_nearest_proxy_says(settings):
    headers = [
        (b"host", b"backend:6660"),
        (b"x-forwarded-proto", b"gopher, https"),
        (b"x-forwarded-host", b"evil.example, monkey.example"),
    ]
    scope = called(settings, headers)
    assert scope["scheme"] == "https"
    assert scope["headers"] == [(b"host", b"monkey.example")]
    assert called(settings, [(b"x-forwarded-proto", b"gopher")])["scheme"] == "http"


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.168.0.4", "2001:db9::1", ""])
def test_nobody_else_is_believed_or_passed_on(settings, peer):
    names = ("for", "proto", "host", "port", "server")
    headers = [(f"x-forwarded-{name}".encode(), b"https") for name in names]
    headers += [(b"x-real-ip", b"1.1.1.1"), (b"forwarded", b"for=1.1.1.1")]
    scope = called(settings, [(b"host", b"nas"), *headers], peer)
    assert scope["headers"] == [(b"host", b"nas")]
    assert (scope["client"], scope["scheme"]) == ((peer, 4711), "http")
    assert scope["unbelieved"]


def test_all_may_be_trusted(settings):
    settings.TRUSTED_PROXIES = ["*"]
    headers = [(b"x-forwarded-for", b"203.0.113.9, 10.0.0.1")]
    scope = {"type": "http", "scheme": "http", "client": ("8.8.8.8", 1), "headers": headers}
    assert as_called(scope)["client"][0] == "203.0.113.9"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    text: str


def ask(url: str, body: str | None = None, **headers: str) -> Answer:
    """An answer, whatever its status; nobody vouches for the certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({}), AnyStatus()
    )
    content = None if body is None else body.encode()
    request = urllib.request.Request(url, content, headers)  # noqa: S310 - an address of ours
    with opener.open(request, timeout=60) as answer:
        return Answer(answer.status, answer.headers, answer.read().decode())


def sign_in(url: str, username: str, password: str, **headers: str) -> Answer:
    body = json.dumps({"username": username, "password": password})
    return ask(f"{url}/api/login", body, **{"Content-Type": "application/json", **headers})


class AnyStatus(urllib.request.HTTPErrorProcessor):
    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


@pytest.fixture
def behind(make_site: Callable[..., Site]) -> Site:
    """The program, with one address that is a proxy's."""
    return make_site(CONTAINERMONKEY_TRUSTED_PROXIES=TRUSTED)


def sign_in_wrongly(url: str, said: str) -> int:
    return sign_in(url, "nobody", "x", **{"X-Forwarded-For": said}).status


def is_stopped(url: str) -> bool:
    """Whether ten wrong passwords a minute are the end, though each is said to be another's.

    A minute may end in the middle of these, and not twice.
    """
    return any(sign_in_wrongly(url, f"203.0.113.{number}") == 429 for number in range(10, 35))


def test_limits_count_by_the_callers_address_and_by_nobodys_word(behind):
    with (
        proxy(behind.port, {"X-Forwarded-For": "203.0.113.1"}) as one,
        proxy(behind.port, {"X-Forwarded-For": "203.0.113.2"}) as another,
    ):
        # A caller who writes the header too stays who he is.
        assert is_stopped(one.url)
        assert sign_in_wrongly(another.url, "203.0.113.9") == 401
    # Who comes without a proxy cannot be somebody else either.
    assert is_stopped(behind.url)


def test_only_over_tls_are_cookies_for_tls_and_browsers_told_to_stay(behind, tmp_path):
    tls = self_signed(tmp_path)
    with proxy(behind.port, {"X-Forwarded-Proto": "https"}, tls=tls) as secure:
        answer = ask(f"{secure.url}/accounts/sign-in/")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.headers["Set-Cookie"].startswith("__Host-csrftoken=")
        assert answer.headers["Set-Cookie"].endswith("; Secure")
        assert "Domain" not in answer.headers["Set-Cookie"]
        static = ask(f"{secure.url}/static/img/icon.svg")
        assert static.headers["Strict-Transport-Security"]
    plain = ask(f"{behind.url}/accounts/sign-in/", **{"X-Forwarded-Proto": "https"})
    assert plain.headers["Strict-Transport-Security"] is None
    assert plain.headers["Set-Cookie"].startswith("csrftoken=")
    assert "Secure" not in plain.headers["Set-Cookie"]


def test_a_browser_works_behind_tls_sockets_too(behind, tmp_path, browser: Browser):
    tls = self_signed(tmp_path)
    with proxy(behind.port, {"X-Forwarded-Proto": "https"}, tls=tls) as secure:
        watch = Watch(secure.url)
        context = browser.new_context(base_url=secure.url, ignore_https_errors=True)
        context.set_default_timeout(TIMEOUT)
        context.on("page", watch.attach)
        page = context.new_page()
        page.goto("/accounts/sign-in/")
        page.get_by_label("User name").fill("monkeysee")
        page.get_by_label("Password").fill("monkeydo")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        frames: list[Any] = []
        page.on(
            "websocket",
            lambda opened: opened.on("framereceived", lambda frame: frames.append(frame)),
        )
        page.goto("/jobs/")
        wait_for(lambda: page.title() and frames, "what comes over the page's socket")
        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
        assert {"__Host-sessionid", "__Host-csrftoken"} <= set(cookies)
        assert all(cookie["secure"] for cookie in cookies.values())
        page.evaluate("document.cookie = 'sessionid=stolen; path=/'")
        page.goto("/jobs/")
        assert page.get_by_role("heading", level=1).inner_text() == "Jobs"
        context.close()
    assert not watch.unexpected(), watch.unexpected()


def test_a_cookie_without_the_prefix_signs_nobody_in_over_tls(behind, tmp_path):
    cookies = sign_in(behind.url, "monkeysee", "monkeydo").headers.get_all("Set-Cookie")
    session = next(c for c in cookies if c.startswith("sessionid=")).partition(";")[0]
    assert ask(f"{behind.url}/api/containers", Cookie=session).status == 200
    with proxy(behind.port, {"X-Forwarded-Proto": "https"}, tls=self_signed(tmp_path)) as secure:
        assert ask(f"{secure.url}/api/containers", Cookie=session).status == 401
        prefixed = f"__Host-{session}"
        assert ask(f"{secure.url}/api/containers", Cookie=prefixed).status == 200


@pytest.mark.parametrize(
    ("address", "headers", "host", "words"),
    [
        ("127.0.0.3", {"X-Forwarded-Proto": "https"}, "", "add 127.0.0.3 to "),
        ("127.0.0.3", {}, "backend:1", "have the proxy in between pass on Host"),
        (TRUSTED, {}, "", f"have the proxy at {TRUSTED} send X-Forwarded-Proto"),
    ],
)
def test_a_form_that_a_proxy_gets_in_the_way_of_says_what_to_set(
    behind, tmp_path, address, headers, host, words
):
    tls = self_signed(tmp_path)
    with proxy(behind.port, headers, address=address, host=host, tls=tls) as standing:
        cookie = ask(f"{standing.url}/accounts/sign-in/").headers["Set-Cookie"].partition(";")[0]
        token = f"csrfmiddlewaretoken={cookie.partition('=')[2]}"
        page = f"{standing.url}/accounts/sign-in/"
        answer = ask(page, token, Cookie=cookie, Origin=standing.url)
    assert answer.status == 403
    assert words in answer.text
    assert f"The browser shows {standing.url}, and the program was called as http://" in answer.text
