"""The pages of images as a person uses them."""

import pytest
from docker import APIClient
from playwright.sync_api import Page, expect

from tests.browser import Watch, sign_in
from tests.images import build, build_empty

pytestmark = pytest.mark.usefixtures("browser")


def names(docker: APIClient, image: str) -> list[str]:
    return sorted(docker.inspect_image(image)["RepoTags"])


def test_a_person_deletes_what_is_selected(page: Page, docker: APIClient) -> None:
    build_empty(docker, "left:1")
    docker.tag(build(docker, "right:1"), "right", "2")
    sign_in(page)
    page.goto("/images/")
    page.get_by_role("searchbox", name="Name, label").fill("right:2")
    expect(page.locator("#images tbody tr")).to_have_count(1)
    page.get_by_label("Select right:1").check()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("also called right:2")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted 1 image")).to_be_visible()
    assert [each["RepoTags"] for each in docker.images(name="right")] == []
    assert names(docker, "left:1") == ["left:1"]


def test_a_person_tags_an_image_and_is_told_what_is_wrong(
    page: Page, docker: APIClient, watch: Watch
) -> None:
    watch.expect("422")
    made = build_empty(docker, "mine:1")
    build(docker, "taken:1")
    sign_in(page)
    page.goto(f"/images/{made}/")
    page.get_by_role("link", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Repository").fill("Taken")
    dialog.get_by_role("button", name="Tag").click()
    expect(dialog).to_contain_text("The name of an image has no capital letters.")
    dialog.get_by_label("Repository").fill("taken")
    dialog.get_by_label("Tag", exact=True).fill("1")
    dialog.get_by_role("button", name="Tag").click()
    expect(dialog).to_contain_text("taken:1 is the name of another image")
    dialog.get_by_label("Take it from that image").check()
    dialog.get_by_role("button", name="Tag").click()
    expect(page.get_by_text("The image has the name taken:1")).to_be_visible()
    assert names(docker, made) == ["mine:1", "taken:1"]


def test_a_person_asks_whether_there_is_a_newer_one(page: Page, docker: APIClient) -> None:
    made = build_empty(docker, "mine:1")
    sign_in(page)
    page.goto(f"/images/{made}/")
    page.get_by_role("button", name="Check for a newer one").click()
    expect(page.get_by_role("status")).to_contain_text("mine:1 was built or loaded here")


def test_without_scripts_what_has_no_name_is_cleared_away(
    page_without_scripts: Page, docker: APIClient
) -> None:
    page = page_without_scripts
    lost = build_empty(docker, "mine:1")
    build(docker, "mine:1")
    sign_in(page)
    page.goto("/images/")
    page.get_by_role("navigation", name="Use").get_by_role("link", name="Dangling").click()
    page.get_by_role("link", name="Clean up").click()
    expect(page.get_by_text(lost[7:19])).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted 1 image")).to_be_visible()
    assert lost not in {image["Id"] for image in docker.images()}
