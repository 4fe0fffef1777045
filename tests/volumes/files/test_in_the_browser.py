"""Looking around in a volume with a real browser."""

from playwright.sync_api import expect

from tests.browser import sign_in
from tests.volumes.files.conftest import PIXEL


def test_somebody_looks_around_in_a_browser(page, root):
    (root / "folder" / "photo").write_bytes(PIXEL)
    sign_in(page)
    page.goto("/volumes/data/")
    page.get_by_role("link", name="Files", exact=True).click()
    page.get_by_role("link", name="folder/").click()
    expect(page.get_by_role("link", name="second", exact=True)).to_be_visible()
    page.get_by_role("link", name="photo", exact=True).click()
    expect(page.get_by_role("img", name="/folder/photo")).to_have_js_property("naturalWidth", 1)
    page.get_by_role("navigation", name="You are here").get_by_role("link", name="folder").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download second").click()
    assert download.value.suggested_filename == "second"
    assert download.value.path().read_text() == "two\n"


def test_it_works_without_scripts(page_without_scripts, root):
    page = page_without_scripts
    sign_in(page)
    page.goto("/volumes/data/files/")
    page.get_by_role("link", name="folder/").click()
    page.get_by_role("link", name="second", exact=True).click()
    expect(page.get_by_text("two", exact=True)).to_be_visible()
