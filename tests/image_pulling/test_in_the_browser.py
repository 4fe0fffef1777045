"""Pulling, signing in and importing, as a person does it."""

import os
import re

from playwright.sync_api import Page, expect

from tests import images
from tests.browser import sign_in
from tests.image_transfer.conftest import brought, saved
from tests.registry import ADDRESS


def test_a_person_signs_in_to_a_registry_and_pulls(page: Page, watch, docker, registry):
    images.build(docker, "local:1", ["LABEL a=b"], {"large": os.urandom(12 << 20)})
    reference = registry.put(docker, "local:1", "app", "1")
    docker.remove_image("local:1")
    registry.require("otto", "right-password")
    watch.expect("422")
    sign_in(page)
    page.goto("/images/registries/")
    page.get_by_role("link", name="Sign in to a registry").click()
    page.get_by_role("textbox", name="Registry").fill(ADDRESS)
    page.get_by_label("User name").fill("otto")
    page.get_by_label("Password or token").fill("wrong-password")
    page.get_by_role("button", name="Sign in and save").click()
    expect(page.locator("#id_password_error")).to_contain_text("does not take this sign-in")
    page.get_by_label("Password or token").fill("right-password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="Signed in")).to_be_visible()

    registry.slow_down()
    page.goto("/images/pull/")
    expect(page.get_by_label("Image", exact=True)).to_be_focused()
    page.keyboard.type(reference)
    page.keyboard.press("Enter")
    bar = page.get_by_role("progressbar", name="Progress")
    expect(bar).to_have_attribute("value", re.compile(r"[1-9]"))
    registry.speed_up()
    expect(page.get_by_text("The image is here")).to_be_visible()
    assert docker.inspect_image(reference)


def test_a_person_imports_a_file(page_either_way, docker, tmp_path):
    images.build(docker, "shop:1", ["LABEL a=b"])
    path = brought(tmp_path / "shop.tar", saved(docker, "shop:1"))
    docker.remove_image("shop:1")
    page: Page = page_either_way
    sign_in(page)
    page.goto("/images/import/")
    page.get_by_label("A file that docker save").set_input_files(path)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Imported shop:1")).to_be_visible()
    assert docker.inspect_image("shop:1")
