"""Making a token as a person does, and using it as a program does."""

import re

from playwright.sync_api import Page, expect

from tests.browser import sign_in


def test_a_token_is_made_copied_and_deleted(scripts: bool, page_either_way: Page):
    page = page_either_way
    sign_in(page)
    page.goto("/accounts/tokens/")
    page.get_by_role("link", name="New token").click()
    page.get_by_label("Name").fill("nightly")
    page.get_by_label("Operator").check()
    page.get_by_label("30 days").check()
    page.get_by_role("button", name="Make the token").click()
    field = page.get_by_label("Token", exact=True)
    expect(field).to_have_value(re.compile("^cm_[0-9a-f]{64}$"))
    secret = field.input_value()
    button = page.get_by_role("button", name="Copy", exact=True)
    if scripts:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button.click()
        expect(page.get_by_text("Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == secret
    else:
        expect(button).to_be_hidden()
        page.get_by_role("link", name="API tokens").first.focus()
        page.keyboard.press("Tab")
        expect(field).to_be_focused()
        assert field.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == secret
    page.context.clear_cookies()
    headers = {"Authorization": f"Bearer {secret}"}
    assert page.context.request.get("/api/containers", headers=headers).ok
    sign_in(page)
    page.goto("/accounts/tokens/")
    expect(page.get_by_role("row", name="nightly")).to_contain_text("from 127.0.0.1")
    page.get_by_role("link", name="Delete nightly").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("No API tokens yet")).to_be_visible()
    assert page.context.request.get("/api/containers", headers=headers).status == 401
