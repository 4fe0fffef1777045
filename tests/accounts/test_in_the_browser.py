"""The way of everybody's first minute, as `manage.py serve` serves it."""

from playwright.sync_api import Browser, expect

from tests.browser import Watch, watched_page

NEW = "staple every llama"


def test_first_sign_in(scripts: bool, browser: Browser, make_site):
    site = make_site(CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD="0")
    watch = Watch(site.url)
    watch.expect("status of 422")
    with watched_page(browser, site.url, watch, scripts=scripts) as page:
        page.goto("/jobs/")
        expect(page.get_by_role("heading")).to_have_text("Sign in")
        page.get_by_label("User name").fill("monkeysee")
        page.get_by_label("Password").fill("monkeysay")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Password")).to_have_accessible_description(
            "The user name or the password is not right."
        )
        page.get_by_label("Password").fill("monkeydo")
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{site.url}/accounts/password/")
        page.goto("/containers/")
        expect(page).to_have_url(f"{site.url}/accounts/password/")
        page.get_by_label("Current password").fill("monkeydo")
        page.get_by_label("New password", exact=True).fill(NEW)
        page.get_by_label("New password again").fill(NEW)
        page.get_by_role("button", name="Change").click()
        expect(page).to_have_url(f"{site.url}/")
        expect(page.get_by_text("Your sign-in was changed")).to_be_visible()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def test_every_page_warns_of_the_default_password(browser: Browser, make_site):
    site = make_site(CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD="1")
    watch = Watch(site.url)
    with watched_page(browser, site.url, watch, scripts=True) as page:
        page.goto("/accounts/sign-in/?next=/containers/")
        page.get_by_label("User name").fill("monkeysee")
        page.get_by_label("Password").fill("monkeydo")
        page.get_by_label("Password").press("Enter")
        expect(page).to_have_url(f"{site.url}/containers/")
        for path in ("/containers/", "/backups/", "/jobs/", "/accounts/password/"):
            page.goto(path)
            expect(page.get_by_text("The default password is still in use")).to_be_visible()
    assert not watch.unexpected(), "\n".join(watch.unexpected())
