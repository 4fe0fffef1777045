"""The page of networks, in a real browser."""

import gzip

from playwright.sync_api import Page, expect

from tests.browser import sign_in


def test_it_follows_what_happens_and_deletes_in_a_dialog(page: Page, docker, make_container):
    sign_in(page)
    page.goto("/networks/")
    expect(page.get_by_text("3 on ")).to_be_visible()
    docker.create_network("shop")
    row = page.get_by_role("row", name="shop")
    expect(row).to_be_visible()
    row.get_by_role("link", name="Delete shop").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Delete the network shop?")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted the network shop")).to_be_visible()
    expect(row).to_have_count(0)


def test_without_scripts_it_backs_up_and_restores(page_without_scripts: Page, docker):
    page = page_without_scripts
    docker.create_network("shop")
    sign_in(page)
    page.goto("/networks/")
    page.get_by_role("button", name="Back up shop").click()
    expect(page.get_by_text("Backed up the network shop")).to_be_visible()
    docker.remove_network("shop")
    page.goto("/backups/?kind=network")
    page.get_by_role("link", name="Restore shop").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The network shop is back.")).to_be_visible()
    assert docker.inspect_network("shop")["Name"] == "shop"


def test_a_file_that_is_no_backup_is_refused_beside_its_field(page: Page, watch):
    watch.expect("422")
    sign_in(page)
    page.goto("/backups/networks/upload/")
    file = {"name": "a.tar.gz", "mimeType": "application/gzip", "buffer": gzip.compress(b"no")}
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".err")).to_be_visible()
