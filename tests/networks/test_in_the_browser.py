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


def test_it_is_made_with_two_subnets_without_scripts(page_without_scripts: Page, docker):
    page = page_without_scripts
    sign_in(page)
    page.goto("/networks/")
    page.get_by_role("link", name="New network").click()
    page.get_by_label("Name").fill("shop")
    page.get_by_label("IPv6").check()
    page.get_by_role("textbox", name="Subnet").fill("10.90.0.0/16")
    page.get_by_role("button", name="One more subnet").click()
    page.get_by_role("textbox", name="Subnet").nth(1).fill("fd00:90::/64")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Created the network shop")).to_be_visible()
    expect(page.get_by_role("heading", name="shop")).to_be_visible()
    config = docker.inspect_network("shop")["IPAM"]["Config"]
    assert [pool["Subnet"] for pool in config] == ["10.90.0.0/16", "fd00:90::/64"]


def test_a_container_is_connected_and_disconnected_in_dialogs(
    page: Page, watch, docker, make_container
):
    watch.expect("422")
    ipam = {"Driver": "default", "Config": [{"Subnet": "10.91.0.0/24"}]}
    made = docker.create_network("shop", ipam=ipam)["Id"]
    make_container("web")
    sign_in(page)
    page.goto(f"/networks/{made}/")
    page.get_by_role("link", name="Connect a container").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Container", exact=True).select_option(label="web")
    dialog.get_by_label("IPv4 address").fill("10.1.1.1")
    dialog.get_by_role("button", name="Connect").click()
    expect(dialog.get_by_text("not within 10.91.0.0/24")).to_be_visible()
    dialog.get_by_label("IPv4 address").fill("10.91.0.9")
    dialog.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Connected web to shop")).to_be_visible()
    row = page.get_by_role("row", name="web")
    expect(row).to_contain_text("10.91.0.9")
    docker.disconnect_container_from_network("web", "bridge")
    row.get_by_role("link", name="Disconnect web").click()
    expect(dialog).to_contain_text("It is its only network")
    dialog.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Disconnected web from shop")).to_be_visible()
    expect(page.get_by_text("No container is on it")).to_be_visible()
    docker.connect_container_to_network("web", made)
    expect(row).to_be_visible()


def test_without_scripts_a_container_is_disconnected_from_its_own_page(
    page_without_scripts: Page, docker, make_container
):
    page = page_without_scripts
    make_container("web")
    docker.create_network("shop")
    sign_in(page)
    page.goto("/containers/web/")
    page.get_by_role("link", name="Connect to a network").click()
    page.get_by_label("Network", exact=True).select_option(index=1)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Connected web to shop")).to_be_visible()
    page.get_by_role("link", name="Disconnect from bridge").click()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Disconnected web from bridge")).to_be_visible()
    assert list(docker.inspect_container("web")["NetworkSettings"]["Networks"]) == ["shop"]


def test_what_is_selected_and_what_nobody_uses_is_deleted_in_dialogs(page: Page, docker):
    for name in ("left", "right"):
        docker.create_network(name)
    sign_in(page)
    page.goto("/networks/")
    page.get_by_label("Select left").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 1 network?")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted 1 network")).to_be_visible()
    page.get_by_role("link", name="Delete unused").click()
    expect(dialog).to_contain_text("Delete 1 network that nobody uses?")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row", name="right")).to_have_count(0)
    assert {network["Name"] for network in docker.networks()} == {"bridge", "host", "none"}
