"""Two web processes and a worker on one PostgreSQL and one Redis."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import processes
from tests.arrange import run_in
from tests.bigger.calls import Caller, rows
from tests.bigger.conftest import MIGRATED
from tests.bigger.servers import PASSWORD, PrivatePostgres, PrivateRedis
from tests.house import SCRATCH
from tests.private_engine import PrivateEngine
from tests.site import ROOT, STOP_TIMEOUT, Site
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("engine")

WRONG = {"username": "monkeysee", "password": "a wrong guess"}
MOST_GUESSES = 10
"""Wrong passwords that one address may try for one name in a minute."""


@dataclass
class Installation:
    """Two web processes, the first of them with the worker, and somebody who is signed in."""

    first: Site
    second: Site
    database_url: str
    a: Caller
    b: Caller

    @property
    def log(self) -> str:
        return self.first.log + self.second.log

    def rows(self, query: str) -> list[str]:
        return [value for (value,) in rows(self.database_url, query)]


@pytest.fixture(scope="module")
def installation(
    private_engine: PrivateEngine,
    _postgres: PrivatePostgres,
    redis: PrivateRedis,
    _migrated_data: Path,
) -> Iterator[Installation]:
    url = _postgres.make_database("several", MIGRATED)
    data_dir = shutil.copytree(_migrated_data, SCRATCH.path / "several")
    host = private_engine.docker_host
    first = Site(data_dir, DOCKER_HOST=host, DATABASE_URL=url, REDIS_URL=redis.url)
    second = Site.beside(first, "--no-worker", name="second")
    try:
        for each in (first, second):
            each.start()
        caller = Caller(first)
        yield Installation(first, second, url, caller, caller.at(second))
    finally:
        for each in (first, second):
            each.kill()


def below(site: Site) -> list[str]:
    return [processes.command_line(pid) for pid in processes.descendants(site.process.pid)]


@contextmanager
def further_worker(site: Site) -> Iterator[None]:
    """A worker that waits for its turn."""
    leash = ["setpriv", "--pdeathsig", "TERM", "--"]
    command = [*leash, sys.executable, str(ROOT / "manage.py"), "run_jobs"]
    with site.log_file.with_suffix(".worker.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=site.environment, stdout=log, stderr=log, start_new_session=True
        )
    wait_for(lambda: processes.catches(process.pid, signal.SIGTERM), "the worker to be there")
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(STOP_TIMEOUT) == 0


def test_the_main_job_is_done_by_one_and_seen_by_both(installation, docker, large_shop):
    shop = large_shop
    a, b = installation.a, installation.b  # one session for both
    before = run_in(docker, shop, "sha256sum", "/data/orders")
    with b.listening() as socket:
        job = a.expect("/api/backup/shop", {"consistency": "pause"})["progress_id"]
        assert socket.until(job, lambda told: told["bytes_done"] > 0)["status"] == "running"
        filename = socket.until(job, lambda told: told["status"] == "complete")["filename"]
    docker.remove_container(shop, force=True)
    docker.remove_volume("shop_data")
    restore = b.expect("/api/restore-backup", {"filename": filename})["progress_id"]
    assert a.ended(restore)["error"] is None
    assert run_in(docker, "shop", "sha256sum", "/data/orders") == before


def test_both_tell_the_same_of_the_host(installation, docker, shop):
    a, b = installation.a, installation.b
    said = b.expect(f"/api/container/{shop}/exec", {"command": ["echo", "hello"]})["stdout"]
    assert said == "hello\n"
    for caller in (a, b):
        for path in ("/api/containers", "/api/statistics"):
            assert [each["name"] for each in caller.expect(path)["containers"]] == ["shop"], path
        assert shop in json.dumps(caller.expect("/api/events"))
    counts = [caller.expect("/api/dashboard-stats") for caller in (a, b)]
    assert counts[0]["containers"] == counts[1]["containers"]
    assert counts[0]["backups"] == counts[1]["backups"]


def test_whichever_worker_takes_over_nothing_is_done_twice(installation, docker, large_shop):
    shop = large_shop
    a, b = installation.a, installation.b
    ended = "SELECT details ->> 'job' FROM accounts_auditentry WHERE action = 'backup' ORDER BY id"
    before = installation.rows(ended)
    with b.listening() as socket, further_worker(installation.first):
        cancelled = a.expect("/api/backup/shop", {"consistency": "pause"})["progress_id"]
        socket.until(cancelled, lambda told: told["bytes_done"] > 0)
        b.expect(f"/api/backup-progress/{cancelled}/cancel", {})
        told = socket.until(cancelled, lambda told: told["finished_at"])
        assert told["status"] == "cancelled"
        assert not docker.inspect_container(shop)["State"]["Paused"]

        killed = b.expect("/api/backup/shop", {"consistency": "pause"})["progress_id"]
        socket.until(killed, lambda told: told["bytes_done"] > 0)
        assert docker.inspect_container(shop)["State"]["Paused"]
        asked = a.expect("/api/backup/shop", {"consistency": "none"})["progress_id"]
        processes.send(installation.first.worker, signal.SIGKILL)
        told = socket.until(killed, lambda told: told["finished_at"])
        assert told["error"] == "The worker ended in the middle of it."
        assert not docker.inspect_container(shop)["State"]["Paused"]
        assert a.ended(asked)["error"] is None
    # The line of a job is written after its end, in the order of the queue.
    wait_for(lambda: installation.rows(ended)[len(before) :][2:], "the last line")
    assert installation.rows(ended)[len(before) :] == [cancelled, killed, asked]
    archives = [path.name for path in (installation.first.data_dir / "backups").iterdir()]
    assert sorted(archives) == sorted(installation.rows("SELECT filename FROM backups_backup"))
    assert "Traceback" not in installation.log


def test_a_web_server_can_be_had_without_a_worker(installation):
    assert any("run_jobs" in each for each in below(installation.first))
    assert any("uvicorn" in each for each in below(installation.second))
    assert not any("run_jobs" in each for each in below(installation.second))


def refused_after(caller: Caller) -> int:
    """How many wrong passwords are looked at until no more are."""
    answers = (caller.ask("/api/login", WRONG)[0] for _ in range(3 * MOST_GUESSES))
    return next(number for number, status in enumerate(answers) if status == 429)


def test_limits_are_counted_together_and_by_each_while_redis_is_away(installation, redis):
    a, b = installation.a, installation.b

    def counts_together() -> bool:
        # A minute may end between the two.
        return refused_after(a) > 0 and refused_after(b) == 0

    wait_for(counts_together, "a minute that is long enough", 150)
    redis.stop()
    for caller in (a, b):
        assert caller.ask("/containers/")[0] == 200
        assert caller.ask("/api/containers")[0] == 200
        assert "REDIS_URL: Redis does not answer" in caller.site.log
        with caller.listening() as socket:
            assert socket.socket.ping().wait(10)
        assert refused_after(caller) > 0
        found = json.dumps(caller.expect("/api/check-environment"))
        assert "It does not answer: ConnectionError." in found

    redis.start()
    for caller in (a, b):
        wait_for(lambda caller=caller: is_asked_again(caller), "Redis to be asked again")
    assert PASSWORD not in installation.log
    assert "Traceback" not in installation.log


def is_asked_again(caller: Caller) -> bool:
    assert caller.ask("/api/containers")[0] == 200
    return "Redis answers again" in caller.site.log
