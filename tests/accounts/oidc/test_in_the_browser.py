"""The way to the provider and back, as `manage.py serve` and a browser go it.

The provider is `localhost` and the program 127.0.0.1: other sites to a browser, as in real life.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Watch, watched_page
from tests.looks.test_every_page import AXE, DESK, EVERY_RULE, PHONE, arrange, wrong
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.site import Site


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider("localhost")
    provider.asks = True
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def cloudy_site(make_site: Callable[..., Site], provider: Provider) -> Site:
    return make_site(
        CONTAINERMONKEY_OIDC_ISSUER=provider.url,
        CONTAINERMONKEY_OIDC_CLIENT_ID=CLIENT_ID,
        CONTAINERMONKEY_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        CONTAINERMONKEY_OIDC_NAME="Our Cloud",
        CONTAINERMONKEY_OIDC_ADMINISTRATORS="ops",
    )


def sign_in_at(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Sign in with Our Cloud").click()
    page.get_by_role("link", name="Go on as Grace").click()


def test_there_and_back(scripts: bool, browser: Browser, cloudy_site: Site, provider: Provider):
    watch = Watch(cloudy_site.url)
    watch.expect(f"request to another host: {provider.url}/authorize?")
    with watched_page(browser, cloudy_site.url, watch, scripts=scripts) as page:
        sign_in_at(page, "/accounts/sessions/?from=a&to=b")
        expect(page).to_have_url(f"{cloudy_site.url}/accounts/sessions/?from=a&to=b")
        expect(page.get_by_text("127.0.0.1").first).to_be_visible()
        page.goto("/accounts/users/")
        expect(page.get_by_role("row", name="grace")).to_contain_text("None: Our Cloud")
        page.goto("/accounts/audit/")
        expect(page.get_by_role("row", name="account.sign_in").first).to_contain_text("grace")
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def test_who_is_refused_reads_why(
    scripts: bool, browser: Browser, cloudy_site: Site, provider: Provider
):
    watch = Watch(cloudy_site.url)
    watch.expect(f"request to another host: {provider.url}/authorize?")
    watch.expect("status of 403")
    provider.person["groups"] = []
    with watched_page(browser, cloudy_site.url, watch, scripts=scripts) as page:
        sign_in_at(page, "/jobs/")
        expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
        expect(page.get_by_text("you are in no group that may be here")).to_be_visible()
        provider.person["groups"] = ["ops"]
        page.get_by_role("link", name="Try again").click()
        page.get_by_role("link", name="Go on as Grace").click()
        expect(page).to_have_url(f"{cloudy_site.url}/jobs/")
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def test_a_password_lets_in_while_the_provider_is_down(
    scripts: bool, browser: Browser, cloudy_site: Site, provider: Provider
):
    watch = Watch(cloudy_site.url)
    watch.expect("status of 503")
    provider.answers["/.well-known/openid-configuration"] = (500, {}, b"")
    with watched_page(browser, cloudy_site.url, watch, scripts=scripts) as page:
        page.goto("/jobs/")
        page.get_by_role("link", name="Sign in with Our Cloud").click()
        expect(page.get_by_text("Our Cloud does not answer.")).to_be_visible()
        page.get_by_role("link", name="To the sign-in").click()
        page.get_by_label("User name").fill("monkeysee")
        page.get_by_label("Password").fill("monkeydo")
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{cloudy_site.url}/")
    assert CLIENT_SECRET not in cloudy_site.log
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def test_the_pages_are_open_to_everybody(browser: Browser, cloudy_site: Site, provider: Provider):
    watch = Watch(cloudy_site.url)
    watch.expect(f"request to another host: {provider.url}/authorize?")
    watch.expect("status of 400")
    found: list[str] = []
    with watched_page(browser, cloudy_site.url, watch, scripts=True) as page:

        def look() -> None:
            page.evaluate(AXE.read_text())
            for size, theme in ((DESK, "light"), (PHONE, "dark")):
                arrange(page, size, theme)
                found.extend(f"{page.url}, {theme}: {words}" for words in wrong(page, EVERY_RULE))

        page.goto("/accounts/sign-in/")
        page.get_by_label("Password").press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Sign in with Our Cloud")).to_be_focused()
        look()
        page.goto("/accounts/oidc/return/")
        look()
        sign_in_at(page, "/accounts/password/")
        expect(page.get_by_text("You have no password here")).to_be_visible()
        look()
        page.goto("/accounts/users/")
        look()
        page.get_by_role("link", name="grace").first.click()
        expect(page.get_by_text("The role comes from Our Cloud")).to_be_visible()
        look()
        page.goto("/accounts/second-factor/set-up/")
        look()
    assert found == []
    assert not watch.unexpected(), "\n".join(watch.unexpected())
