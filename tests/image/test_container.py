"""A container of the image: what it is to its host, to itself, and to those who replace it."""

import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docker import APIClient

from stacks.deploy.plugin import find_plugin
from tests.arrange import ContainerMaker
from tests.caller import Caller, Refused
from tests.image.building import TAG
from tests.image.shipped import (
    NAME,
    NEW_PASSWORD,
    PORT,
    SOCKET,
    WITH_VOLUME,
    Process,
    Shipped,
    first_sign_in,
    readme_command,
)
from tests.site import ROOT
from tests.waiting import wait_for

USER = 6660
LARGEST = 400 << 20
OLDER = ROOT / "tests" / "upgrades" / "0.3.0.tar.gz"
READ_ONLY = ("--read-only", "--tmpfs", "/tmp")
NO_RIGHTS = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges")
FEW_RIGHTS = ("CHOWN", "DAC_OVERRIDE", "SETUID", "SETGID", "NET_BIND_SERVICE")
ON_HOST_NETWORK = ("--network", "host", "--env", f"PORT={PORT}", "--volume", SOCKET)
NET_BIND_SERVICE = 1 << 10
QUICK_CHECKS = ("--health-interval", "1s")


def refused(caller: Caller, method: str, path: str, body: object = None) -> int:
    with pytest.raises(Refused) as caught:
        caller.call(method, path, body)
    return caught.value.status


def owners(shipped: Shipped) -> set[str]:
    """The users who own something in the data directory, as numbers."""
    return set(shipped.command("find", "/backups", "-printf", "%U\n").split())


def servers(found: list[Process]) -> list[Process]:
    """Those of the processes that are the program's own: web server and worker among them."""
    own = [each for each in found if "/venv/bin/python" in each.name]
    assert any("uvicorn" in each.name for each in own)
    assert any("run_jobs" in each.name for each in own)
    return own


def test_the_words_of_the_readme_are_all_it_takes(shipped: Shipped, docker: APIClient) -> None:
    words = readme_command()
    assert (words[0], words[-1]) == ("-d", TAG)
    caller = shipped.started(*words[1:])
    caller.sign_in("monkeysee", "monkeydo")
    assert caller.get("/api/auth-status")["must_change_password"]
    wait_for(lambda: health(docker, shipped.id) == "healthy", "the container to be healthy", 90)


def test_compose_starts_it_from_its_file(shipped: Shipped, docker: APIClient) -> None:
    plugin = find_plugin()
    assert plugin is not None
    environment = {**os.environ, "DOCKER_HOST": shipped.engine.docker_host}
    command = [plugin, "--project-name", "monkey", "up", "-d", "--no-build"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    shipped.id = docker.inspect_container(NAME)["Id"]
    caller = shipped.answering()
    assert {process.user for process in shipped.processes()} == {USER}
    # Neither the container nor the stack that it is.
    first_sign_in(caller)
    assert caller.get("/api/containers")["containers"] == []
    assert caller.get("/api/stacks")["stacks"] == []
    checks = caller.get("/api/check-environment")["checks"]
    assert [check for check in checks if not check["ok"]] == []


def health(docker: APIClient, container: str) -> str:
    return docker.inspect_container(container)["State"]["Health"]["Status"]


def test_it_leaves_itself_out_of_lists_and_of_reach(
    shipped: Shipped, docker: APIClient, make_container: ContainerMaker
) -> None:
    """Found by the Engine's files in it, whatever it is called and whatever its host name is."""
    make_container("other", host={"binds": ["other_data:/data"]})
    caller = shipped.signed_in(*WITH_VOLUME, "--hostname", "other")

    listed = {
        "containers": [each["name"] for each in caller.get("/api/containers")["containers"]],
        "volumes": [each["name"] for each in caller.get("/api/volumes")["volumes"]],
        "images": [each["repository"] for each in caller.get("/api/images")["images"]],
        "statistics": [each["name"] for each in caller.get("/api/statistics")["containers"]],
    }
    assert listed["containers"] == listed["statistics"] == ["other"]
    assert listed["volumes"] == ["other_data"]
    assert TAG not in listed["images"]
    before = docker.inspect_container(NAME)
    for reference in (NAME, before["Id"], before["Id"][:12]):
        assert refused(caller, "POST", f"/api/container/{reference}/stop") in (403, 404, 409)
        assert refused(caller, "POST", f"/api/backup/{reference}") in (403, 404, 409)
        address = f"/api/container/{reference}/delete?force=true"
        assert refused(caller, "DELETE", address) in (403, 404, 409)
    assert refused(caller, "DELETE", "/api/volume/container-monkey/delete") in (403, 404, 409)
    assert docker.inspect_container(NAME)["State"] == before["State"]


def test_its_backups_are_there_after_it_was_replaced(
    shipped: Shipped, docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", host={"binds": ["web_data:/data"]})
    made = shipped.signed_in(*WITH_VOLUME).done("POST", "/api/backup/web")
    docker.stop(shipped.id, timeout=45)
    assert docker.inspect_container(shipped.id)["State"]["ExitCode"] == 0, shipped.log
    shipped.remove()

    caller = shipped.run(*WITH_VOLUME, *READ_ONLY)
    caller.sign_in("monkeysee", NEW_PASSWORD)

    (backup,) = caller.get("/api/backups")["backups"]
    assert (backup["filename"], backup["verified"]) == (made["filename"], True)
    caller.done("POST", f"/api/backup/{made['filename']}/verify")


def test_with_the_fewest_rights_it_does_its_work(
    shipped: Shipped, docker: APIClient, make_container: ContainerMaker
) -> None:
    """As compose.yaml has it: nothing can be written but data and /tmp, and hardly a capability."""
    make_container("web", host={"binds": ["web_data:/data"]})
    few = [word for right in FEW_RIGHTS for word in ("--cap-add", right)]
    caller = shipped.signed_in(*WITH_VOLUME, *READ_ONLY, *NO_RIGHTS, *few, *QUICK_CHECKS)
    made = caller.done("POST", "/api/backup/web")
    caller.call("DELETE", "/api/container/web/delete?force=true&volumes=true")
    docker.remove_volume("web_data")
    caller.done("POST", "/api/restore-backup", filename=made["filename"])
    assert docker.inspect_container("web")["State"]["Running"]
    wait_for(lambda: health(docker, shipped.id) == "healthy", "the container to be healthy", 90)


def test_nothing_of_it_runs_as_root(shipped: Shipped) -> None:
    shipped.run(*WITH_VOLUME)
    found = shipped.processes()
    assert len(servers(found)) >= 3
    group = shipped.engine.socket.stat().st_gid
    for process in found:
        assert (process.user, process.groups) == (USER, [group]), process
        assert (process.capabilities, process.no_new_privileges) == (0, True), process

    listed = shipped.command("manage.py", "list_users")
    assert "monkeysee" in listed
    assert owners(shipped) == {str(USER)}


def test_it_runs_as_whoever_owns_the_data_directory(shipped: Shipped, tmp_path: Path) -> None:
    """Where Docker does not open low ports to everybody, with the right to listen there."""
    mine = tmp_path / "backups"
    mine.mkdir()
    os.chown(mine, 1234, 1234)
    shipped.run(*ON_HOST_NETWORK, "--volume", f"{mine}:/backups")
    for process in shipped.processes():
        assert (process.user, process.capabilities) == (1234, NET_BIND_SERVICE), process
    assert owners(shipped) == {"1234"}


def test_a_socket_that_is_open_to_root_alone_has_it_stay_root(shipped: Shipped) -> None:
    shipped.engine.socket.chmod(0o600)
    try:
        caller = shipped.signed_in(*WITH_VOLUME)
        assert caller.get("/api/containers")["containers"] == []
        assert {process.user for process in servers(shipped.processes())} == {0}
        assert "open to root alone" in shipped.log
    finally:
        shipped.engine.socket.chmod(0o660)


def test_what_an_older_version_left_as_root_is_taken_over(
    shipped: Shipped, docker: APIClient
) -> None:
    volume = docker.create_volume("container-monkey")
    with tarfile.open(OLDER) as kept:
        kept.extractall(volume["Mountpoint"], filter="tar")
    caller = shipped.run(*WITH_VOLUME)
    caller.sign_in("monkeysee", "an older password")
    assert owners(shipped) == {str(USER)}
    (backup,) = caller.get("/api/backups")["backups"]
    assert backup["container_name"] == "old-app"
    caller.done("POST", "/api/restore-backup", filename=backup["filename"])
    assert docker.inspect_container("old-app")["State"]["Running"]


def test_it_is_small_says_what_it_is_and_holds_the_program_alone(
    shipped: Shipped, docker: APIClient, record_property: Callable[[str, object], None]
) -> None:
    described = docker.inspect_image(TAG)
    record_property("image_size", described["Size"])
    assert described["Size"] < LARGEST, f"{described['Size'] >> 20} MiB"
    labels = described["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "Container Monkey"
    assert "containermonkey.self" in labels

    shipped.run(*WITH_VOLUME)
    rooms = set(shipped.command("ls", "-A", "/app").split())
    sources = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert rooms == (sources - {"tests", "bench"}) | {
        *("LICENSE", "manage.py", "static", "build", "templates", "__pycache__"),
    }
    assert shipped.command("sh", "-c", "find / -xdev -name '*.key' -o -name node_modules") == ""
    present = "for each in node npm pip gcc docker; do command -v $each || true; done"
    assert shipped.command("sh", "-c", present) == ""
