"""What an earlier version left is there after the program was brought up to date.

Beside this lies the data directory of an installation of each version, as its own code left it
after it had made the first user and one named otto, backed up a container named `old-app` and, in
0.3.0, made a schedule. They are what people have: none of them is ever made anew.
"""

import http.client
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker import APIClient

from tests.arrange import run_in
from tests.caller import Caller
from tests.private_engine import PrivateEngine
from tests.site import Site
from tests.waiting import wait_for

HERE = Path(__file__).parent
VERSIONS = sorted(path.name.removesuffix(".tar.gz") for path in HERE.glob("*.tar.gz"))
PASSWORD = "an older password"
LISTING = ["find", "/data", "-exec", "stat", "-c", "%N %F %a %u:%g", "{}", "+"]
AS_IT_WAS = [
    "'/data/latest' -> 'letter' symbolic link 777 1000:1000",
    "/data directory 755 1000:1000",
    "/data/empty directory 755 1000:1000",
    "/data/letter regular file 640 1000:1000",
]

Upgraded = Callable[[str], Caller]


@pytest.fixture
def upgraded(engine: PrivateEngine, busybox: str, tmp_path: Path) -> Iterator[Upgraded]:
    """Starts today's program on what an earlier version left; the first user, signed in there."""
    sites: list[Site] = []

    def start(version: str) -> Caller:
        data = tmp_path / version
        with tarfile.open(HERE / f"{version}.tar.gz") as kept:
            kept.extractall(data, filter="tar")
        site = Site(data, DOCKER_HOST=engine.docker_host, CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD="")
        sites.append(site)
        site.start()
        caller = Caller(lambda: http.client.HTTPConnection("127.0.0.1", site.port, timeout=120))
        caller.sign_in("monkeysee", PASSWORD)
        return caller

    yield start
    for site in sites:
        site.stop()


def test_every_version_that_there_was_is_kept() -> None:
    assert VERSIONS == ["0.1.0", "0.2.0", "0.3.0"]


@pytest.mark.parametrize("version", VERSIONS)
def test_users_and_backups_are_there_and_a_container_comes_back(
    upgraded: Upgraded, docker: APIClient, version: str
) -> None:
    caller = upgraded(version)
    people = {user["username"]: user["role"] for user in caller.get("/api/users")["users"]}
    assert people == {"monkeysee": "administrator", "otto": "operator"}

    (backup,) = caller.get("/api/backups")["backups"]
    assert (backup["container_name"], backup["verified"]) == ("old-app", True)
    address = f"/api/backup/{backup['filename']}"
    (saved,) = caller.get(f"{address}/preview")["metadata"]["volumes"]
    assert saved["name"] == "old_data"
    caller.done("POST", f"{address}/verify")

    caller.done("POST", "/api/restore-backup", filename=backup["filename"])

    inspect = docker.inspect_container("old-app")
    assert inspect["State"]["Running"]
    assert inspect["Config"]["Labels"]["com.example.made"] == "long ago"
    assert "GREETING=hello" in inspect["Config"]["Env"]
    assert inspect["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"] == "18999"
    assert sorted(run_in(docker, "old-app", *LISTING).splitlines()) == AS_IT_WAS
    assert run_in(docker, "old-app", "cat", "/data/latest") == "what was there\n"
    assert run_in(docker, "old-app", "stat", "-c", "%Y", "/data/letter") == "1580608922\n"


def told_of_schedules(caller: Caller) -> list[str]:
    lines = caller.get("/api/audit?act=schedule.*")["lines"]
    assert {line["target"] for line in lines} == {"nightly"}
    return [line["act"] for line in lines]


def test_schedules_and_the_audit_trail_go_on(upgraded: Upgraded) -> None:
    caller = upgraded("0.3.0")
    (schedule,) = caller.get("/api/schedules")["schedules"]
    assert (schedule["name"], schedule["expression"]) == ("nightly", "30 2 * * *")
    assert (schedule["time_zone"], schedule["keep_last"]) == ("Europe/Berlin", 3)
    assert schedule["next_run"]
    # The nights since then were missed: they are caught up, once for all of them.
    wait_for(lambda: "schedule.run" in told_of_schedules(caller), "what was missed to be caught up")
    assert told_of_schedules(caller) == ["schedule.run", "schedule.create"]
