"""The main job as a person does it: a container goes in, the same container comes out."""

from typing import Any

import pytest
from docker import APIClient
from playwright.sync_api import Page, expect

from tests.arrange import ContainerMaker, run_in

LARGE = 200 << 20
# However quick it is, a backup goes on until somebody has seen its progress.
UNTIL_SEEN = "sh -c 'until [ -e /tmp/seen ]; do sleep 0.1; done'"
LISTING = ["find", "/data", "-exec", "stat", "-c", "%N %F %a %u:%g %Y", "{}", "+"]


@pytest.fixture
def shop(docker, make_container) -> str:
    """A container with data, a port, a network with an alias and a setting of most kinds."""
    return make_shop(docker, make_container)


def make_shop(docker: APIClient, make_container: ContainerMaker, **labels: str) -> str:
    """Make it, with further labels."""
    docker.create_network("backend", driver="bridge", labels={"made": "by hand"})
    container = make_container(
        "shop",
        ports=[80],
        environment={"GREETING": "<b>hello</b>"},
        labels={"com.example.about": "<img src=x onerror=alert(1)>", **labels},
        hostname="shop-host",
        host={
            "binds": ["shop_data:/data"],
            "port_bindings": {80: 18080},
            "restart_policy": {"Name": "unless-stopped"},
            "mem_limit": "64m",
            "cap_drop": ["NET_RAW"],
        },
        networking={"backend": docker.create_endpoint_config(aliases=["orders"])},
    )
    run_in(docker, container, "sh", "-c", "head -c 100000 /dev/urandom > /data/orders")
    run_in(docker, container, "sh", "-c", "mkdir /data/empty; ln -s orders /data/latest")
    run_in(docker, container, "chown", "-R", "1000:1000", "/data")
    return container


def test_with_scripts(page, docker, make_container):
    shop = make_shop(docker, make_container, **{"container-monkey.backup.post": UNTIL_SEEN})
    run_in(docker, shop, "sh", "-c", f"head -c {LARGE} /dev/urandom >> /data/orders")
    before = portrait(docker)
    sign_in_and_see_the_containers(page)

    page.get_by_role("link", name="Back up shop").click()
    ask_for_the_backup(page)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("MB/s")
    expect(page.get_by_role("main")).to_contain_text("Running the command after, in shop")
    run_in(docker, shop, "touch", "/tmp/seen")
    expect(page.get_by_text("The backup is complete")).to_be_visible()

    delete_the_container(page)
    docker.remove_volume("shop_data")
    docker.remove_network("backend")

    restore_the_container(page)
    expect(page.get_by_text("The container is back")).to_be_visible()
    assert portrait(docker) == before


def test_without_scripts(page_without_scripts, docker, shop):
    page = page_without_scripts
    before = portrait(docker)
    sign_in_and_see_the_containers(page)

    page.get_by_role("link", name="Back up shop").click()
    ask_for_the_backup(page)
    wait_through_reloads(page, "The backup is complete")

    delete_the_container(page)
    docker.remove_volume("shop_data")
    docker.remove_network("backend")

    restore_the_container(page)
    wait_through_reloads(page, "The container is back")
    assert portrait(docker) == before


def sign_in_and_see_the_containers(page: Page) -> None:
    page.goto("/")
    page.get_by_label("User name").fill("monkeysee")
    page.get_by_label("Password").fill("monkeydo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.goto("/containers/")
    expect(page.get_by_role("heading", name="Containers")).to_be_visible()
    expect(page.get_by_role("link", name="shop", exact=True)).to_be_visible()


def ask_for_the_backup(page: Page) -> None:
    expect(page.get_by_role("heading", name="Back up shop")).to_be_visible()
    expect(page.get_by_text("Volume shop_data")).to_be_visible()
    page.get_by_role("radio", name="Pause it").check()
    page.get_by_role("button", name="Back up").click()
    expect(page.get_by_role("heading", name="Backup of shop", level=1)).to_be_visible()
    expect(page.get_by_text("The backup of shop is in the queue.")).to_be_visible()


def delete_the_container(page: Page) -> None:
    page.goto("/containers/")
    page.get_by_role("link", name="Delete shop").click()
    expect(page.get_by_role("heading", name="Delete shop?")).to_be_visible()
    page.get_by_role("checkbox", name="Kill it first").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="shop", exact=True)).to_have_count(0)


def restore_the_container(page: Page) -> None:
    page.goto("/backups/")
    page.get_by_role("link", name="shop", exact=True).click()
    expect(page.get_by_role("link", name="shop_data", exact=True)).to_be_visible()
    page.get_by_role("link", name="Restore").click()
    plan = page.get_by_role("region", name="What will be done")
    expect(plan).to_contain_text("Create the network backend as it was")
    expect(plan).to_contain_text("Create the volume shop_data and fill it from the backup")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", name="Restore of shop", level=1)).to_be_visible()


def wait_through_reloads(page: Page, sentence: str) -> None:
    """Without scripts the page of a job loads itself again until the job has ended."""
    expect(page.get_by_text(sentence)).to_be_visible()


def portrait(docker: APIClient) -> dict[str, Any]:
    """Everything of the container, its networks and its data that has to come back."""
    inspect = docker.inspect_container("shop")
    network = docker.inspect_network("backend")
    endpoint = inspect["NetworkSettings"]["Networks"]["backend"]
    assert inspect["State"]["Running"]
    return {
        "config": inspect["Config"],
        "host": inspect["HostConfig"],
        "aliases": {*endpoint["Aliases"]} - {inspect["Id"][:12]},
        "network": {key: network[key] for key in ("Driver", "IPAM", "Labels", "Options")},
        "mounts": [(mount["Name"], mount["Destination"]) for mount in inspect["Mounts"]],
        "files": sorted(run_in(docker, "shop", *LISTING).splitlines()),
        "content": run_in(docker, "shop", "sha256sum", "/data/orders"),
    }
