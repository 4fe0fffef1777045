"""The list of volumes as a person uses it."""

from docker import APIClient
from playwright.sync_api import Page, expect

from tests.browser import sign_in


def test_a_person_deletes_what_is_selected(page: Page, docker: APIClient) -> None:
    docker.create_volume("left")
    docker.create_volume("right")
    sign_in(page)
    page.goto("/volumes/")
    page.get_by_role("searchbox", name="Name, driver").fill("left")
    expect(page.locator("#volumes tbody tr")).to_have_count(1)
    page.get_by_label("Select left").check()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 1 volume?")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted 1 volume")).to_be_visible()
    assert [volume["Name"] for volume in docker.volumes()["Volumes"]] == ["right"]
