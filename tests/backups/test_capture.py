"""What an archive says about the container that is in it, and what is recorded of it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from docker import APIClient
from docker.types import IPAMConfig, IPAMPool

from backups.archive.reader import ArchiveReader
from backups.files import archive_path, free_filename
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from containermonkey.problems import EngineUnreachable, NotFound
from jobs.models import Job, Status
from jobs.worker import run_next
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, failed, finished
from tests.house import DEAD_DOCKER_HOST

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

HOSTILE = "it's \"quoted\",\nof two lines, with <script>alert('ü')</script>, $HOME & \\n \t tab"


def part(backup: Backup, name: str) -> Any:
    """A part of an archive: JSON where it is that, else text."""
    with ArchiveReader(archive_path(backup.filename)) as archive:
        content = archive.read_file(f"backup/{name}").decode()
    return json.loads(content) if name.endswith(".json") else content


@pytest.fixture
def web(docker: APIClient, make_container: ContainerMaker) -> str:
    """A container with something of everything."""
    pool = IPAMPool(subnet="10.99.0.0/24", gateway="10.99.0.1")
    docker.create_network("front", ipam=IPAMConfig(pool_configs=[pool]), labels={"tier": "web"})
    docker.create_volume(
        "data", labels={"say": HOSTILE}, driver_opts={"type": "tmpfs", "device": "x"}
    )
    return make_container(
        "web",
        host={"binds": ["data:/data"], "port_bindings": {80: ("127.0.0.1", 8080)}},
        networking={"front": docker.create_endpoint_config(ipv4_address="10.99.0.7")},
        environment=[f"SAY={HOSTILE}", "EMPTY=", "NO_VALUE"],
        labels={"say": HOSTILE, "<b>": ""},
        ports=[80],
        start=False,
    )


def test_the_container_is_described_as_the_engine_has_it(web: str, docker: APIClient) -> None:
    backup = backed_up("web")

    inspect = part(backup, "container.json")
    assert inspect == docker.inspect_container(web)
    assert f"SAY={HOSTILE}" in inspect["Config"]["Env"]
    assert inspect["Config"]["Labels"] == {"say": HOSTILE, "<b>": ""}


def test_a_volume_is_described_with_labels_and_driver_options(web: str, docker: APIClient) -> None:
    (source,) = part(backed_up("web"), "manifest.json")["sources"]

    assert source["volume"] == docker.inspect_volume("data")
    assert source["volume"]["Labels"] == {"say": HOSTILE}
    assert source["volume"]["Options"] == {"type": "tmpfs", "device": "x"}


def test_networks_are_described_whatever_their_names(
    web: str, docker: APIClient, make_container: ContainerMaker
) -> None:
    for name in ("with a space", "with/a/slash", "two\nlines"):
        network = docker.create_network(name)
        docker.connect_container_to_network(web, network["Id"])

    networks = part(backed_up("web"), "networks.json")

    by_name = {network["Name"]: network for network in networks}
    assert sorted(by_name) == ["front", "two\nlines", "with a space", "with/a/slash"]
    assert by_name["front"]["IPAM"]["Config"][0]["Subnet"] == "10.99.0.0/24"
    assert by_name["front"]["Labels"] == {"tier": "web"}


def test_a_container_on_no_network_of_its_own_describes_none(
    make_container: ContainerMaker,
) -> None:
    make_container("web", host={"network_mode": "none"})
    make_container("other", host={"network_mode": "container:web"})

    assert part(backed_up("web"), "networks.json") == []
    backup = backed_up("other")
    assert part(backup, "networks.json") == []
    references = part(backup, "manifest.json")["container"]["references"]
    assert list(references.values()) == ["web"]


def test_the_compose_file_is_one(web: str) -> None:
    compose = yaml.safe_load(part(backed_up("web"), "compose.yaml"))

    service = compose["services"]["web"]
    assert f"SAY={HOSTILE}".replace("$", "$$") in service["environment"]
    assert service["image"] == "busybox:test"
    assert compose["networks"]["front"]["ipam"]["config"][0]["subnet"] == "10.99.0.0/24"
    assert compose["volumes"]["data"]["driver_opts"] == {"type": "tmpfs", "device": "x"}


def test_the_manifest_tells_when_where_and_how(web: str, docker: APIClient) -> None:
    before = datetime.now(UTC)
    backup = backed_up("web", consistency="pause")

    manifest = part(backup, "manifest.json")
    assert before <= datetime.fromisoformat(manifest["created"]) <= datetime.now(UTC)
    assert manifest["host"]["name"] == docker.info()["Name"]
    assert manifest["engine"]["version"] == docker.version()["Version"]
    # Its volume has options, so it is mounted only while somebody uses it.
    assert (manifest["consistency"], manifest["transport"]) == ("pause", "engine")
    assert manifest["container"]["state"] == "created"
    assert manifest["image"]["id"] == docker.inspect_image("busybox:test")["Id"]
    assert not manifest["image"]["included"]


def test_what_is_not_in_the_archive_is_said_everywhere(
    make_container: ContainerMaker, tmp_path: Path
) -> None:
    binds = [f"{tmp_path}/host:/data", "/etc/../etc:/host/etc"]
    make_container("web", host={"binds": binds, "tmpfs": {"/tmp": ""}}, start=False)

    job = finished(request_backup("web", BackupOptions()))

    backup = Backup.objects.get()
    expected = {
        "/data": "Bind mounts were not asked for.",
        "/host/etc": "It is a folder of the host's own system and is never read.",
    }
    warnings = {f"{destination}: {reason}" for destination, reason in expected.items()}
    assert set(job.result["warnings"]) == warnings
    expected["/tmp"] = "It is held in memory and is empty at every start."
    assert {item["destination"]: item["reason"] for item in backup.metadata["skipped"]} == expected
    text = part(backup, "README.txt")
    assert all(destination in text and reason in text for destination, reason in expected.items())


def test_a_backup_is_recorded_with_what_lists_show(web: str, docker: APIClient) -> None:
    docker.start(web)
    run_in(docker, web, "sh", "-c", "echo 12345 > /data/file")

    backup = backed_up("web")

    assert (backup.container_name, backup.container_id) == ("web", web)
    assert backup.verified
    assert backup.verified_at is not None
    assert backup.size == archive_path(backup.filename).stat().st_size
    assert backup.filename == f"web_{backup.created:%Y%m%d_%H%M%S}.tar.gz"
    metadata = backup.metadata
    (volume,) = metadata["volumes"]
    assert {**volume, "key": ""} == {
        "key": "",
        "name": "data",
        "destination": "/data",
        "type": "volume",
        "size": 6,
        "files": 1,
    }
    bindings = [{"host_ip": "127.0.0.1", "host_port": "8080"}]
    assert metadata["port_mappings"] == {"80/tcp": bindings}
    assert {"key": "SAY", "value": HOSTILE} in metadata["environment"]
    assert metadata["networks"] == ["front"]
    assert not metadata["image_included"]


def test_a_container_without_any_data_has_a_backup_too(make_container: ContainerMaker) -> None:
    make_container("web")

    assert backed_up("web").metadata["volumes"] == []


def test_an_archive_can_be_read_by_nobody_else(web: str) -> None:
    path = archive_path(backed_up("web").filename)

    assert oct(path.stat().st_mode & 0o777) == "0o600"


# Names


def test_two_backups_of_one_container_at_once_are_two_files(web: str) -> None:
    jobs = [request_backup("web", BackupOptions()) for _ in range(2)]

    assert run_next()
    assert run_next()

    for job in jobs:
        job.refresh_from_db()
    assert {job.status for job in jobs} == {Status.COMPLETE}
    names = {job.result["filename"] for job in jobs}
    assert names == set(Backup.objects.values_list("filename", flat=True))
    assert len(names) == 2


@pytest.mark.parametrize("taken", ["file", "partial", "record", "dangling link"])
def test_a_name_that_is_taken_gets_a_number(data_dir: Path, taken: str) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    name = "web_20260102_030405.tar.gz"
    path = data_dir / "backups" / name
    if taken == "file":
        path.touch()
    elif taken == "partial":
        path.with_name(f"{name}.partial").touch()
    elif taken == "dangling link":
        path.symlink_to("nowhere")
    else:
        Backup.objects.create(filename=name, container_name="web", size=1, created=moment)

    assert free_filename("web", moment) == "web_20260102_030405-2.tar.gz"


def test_a_container_with_a_very_long_name_has_a_backup(
    make_container: ContainerMaker, docker: APIClient
) -> None:
    name = "w" * 250
    make_container(name, start=False)

    backup = backed_up(name)

    assert backup.container_name == name
    assert len(backup.filename) < 255 - len(".partial")


# What cannot begin


def test_an_unknown_container_is_told_at_once() -> None:
    with pytest.raises(NotFound):
        request_backup("nobody", BackupOptions())
    assert not Job.objects.exists()


def test_an_engine_that_is_away_is_told_at_once(settings: Any) -> None:
    settings.DOCKER_HOST = DEAD_DOCKER_HOST
    with pytest.raises(EngineUnreachable, match="cannot be reached"):
        request_backup("web", BackupOptions())
    assert not Job.objects.exists()


def test_an_engine_that_went_away_before_its_turn_fails_the_job(
    web: str, settings: Any, data_dir: Path
) -> None:
    job = request_backup("web", BackupOptions())
    settings.DOCKER_HOST = DEAD_DOCKER_HOST

    assert "cannot be reached" in failed(job).error

    assert list((data_dir / "backups").iterdir()) == []
    Job.objects.update(undo=[])


def test_a_missing_directory_for_backups_is_told(web: str, data_dir: Path) -> None:
    (data_dir / "backups").rmdir()

    job = failed(request_backup("web", BackupOptions()))

    assert job.error.startswith("The directory for backups is not there.")
