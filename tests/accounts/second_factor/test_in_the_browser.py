"""The second factor set up as a person does, and asked for."""

import re

import pyotp
from playwright.sync_api import Page, expect

from tests.browser import sign_in


def test_it_is_set_up_and_asked_for(page_either_way: Page):
    page = page_either_way
    sign_in(page)
    page.goto("/accounts/second-factor/")
    page.get_by_role("link", name="Set it up").click()
    expect(page.get_by_role("img", name="QR code with the secret")).to_be_visible()
    app = pyotp.TOTP(page.get_by_label("Or type it in").input_value())
    page.get_by_label("Password").fill("monkeydo")
    page.get_by_label("Code", exact=True).fill(app.now())
    page.get_by_role("button", name="Switch it on").click()
    codes = page.get_by_role("listitem").filter(has_text=re.compile("^[0-9a-f]{5}-"))
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.context.clear_cookies()
    page.goto("/accounts/sign-in/?next=/accounts/second-factor/")
    page.get_by_label("User name").fill("monkeysee")
    page.get_by_label("Password").fill("monkeydo")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("9 of 10 recovery codes are left")).to_be_visible()
