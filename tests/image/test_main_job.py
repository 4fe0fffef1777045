"""The main job, done from inside of a container, by each way that its data can travel."""

import json

import pytest
from docker import APIClient

from tests.arrange import ContainerMaker, run_in
from tests.image.shipped import WITH_VOLUME, WITHOUT_VOLUME, Shipped
from tests.test_main_job import portrait, shop  # noqa: F401 - the same container as there

WAYS = {"helper": WITH_VOLUME, "engine": WITHOUT_VOLUME}
"""Without a place that the Engine's host sees, no pipe leads to a helper."""


@pytest.mark.parametrize("way", WAYS)
def test_a_container_goes_in_and_the_same_comes_out(
    shipped: Shipped,
    docker: APIClient,
    shop: str,  # noqa: F811
    way: str,
) -> None:
    before = portrait(docker)
    caller = shipped.signed_in(*WAYS[way])
    assert [each["name"] for each in caller.get("/api/containers")["containers"]] == ["shop"]

    made = caller.done("POST", "/api/backup/shop", consistency="pause")
    caller.call("DELETE", "/api/container/shop/delete?force=true")
    docker.remove_volume("shop_data")
    docker.remove_network("backend")
    caller.done("POST", "/api/restore-backup", filename=made["filename"])

    assert portrait(docker) == before
    archive = f"--file=/backups/backups/{made['filename']}"
    found = shipped.command("tar", "--extract", "--gzip", "-O", archive, "backup/manifest.json")
    assert json.loads(found)["transport"] == way


def test_what_is_there_is_replaced_exactly(
    shipped: Shipped, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", host={"binds": ["web_data:/data"]})
    run_in(docker, "web", "sh", "-c", "echo one > /data/first")
    caller = shipped.signed_in(*WITH_VOLUME)
    made = caller.done("POST", "/api/backup/web")
    run_in(docker, "web", "sh", "-c", "echo two > /data/first; echo new > /data/second")

    caller.done(
        "POST",
        "/api/restore-backup",
        filename=made["filename"],
        on_conflict="replace",
        overwrite_volumes=True,
    )

    assert run_in(docker, "web", "find", "/data", "-type", "f").split() == ["/data/first"]
    assert run_in(docker, "web", "cat", "/data/first") == "one\n"


def test_a_stack_is_deployed_by_the_plugin_that_the_image_brings(
    shipped: Shipped, docker: APIClient, busybox: str
) -> None:
    caller = shipped.signed_in(*WITH_VOLUME)
    compose = f"services: {{web: {{image: '{busybox}', stop_grace_period: 0s}}}}"
    caller.done("POST", "/api/stacks/deploy", name="press", compose=compose)
    (stack,) = caller.get("/api/stacks")["stacks"]
    assert (stack["name"], stack["status"]) == ("press", "running")
