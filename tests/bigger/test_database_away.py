"""PostgreSQL is stopped under the running program, and comes back."""

import signal
from typing import Any

from tests import processes
from tests.bigger.calls import LONGEST_JOB, Caller, rows
from tests.bigger.servers import PASSWORD
from tests.waiting import wait_for

SENTENCE = (
    "The database does not answer, or does not let the program in. Everything goes on by itself "
    "once it does."
)


def part_of(site, word: str) -> int:
    below = processes.descendants(site.process.pid)
    return next(pid for pid in below if word in processes.command_line(pid))


def state_of(docker, container: str) -> dict[str, Any]:
    return docker.inspect_container(container)["State"]


def test_everything_says_so_and_goes_on_by_itself(
    make_site, postgres, database_url, docker, large_shop
):
    shop, site = large_shop, make_site(DATABASE_URL=database_url)
    caller = Caller(site)
    worker, web = part_of(site, "run_jobs"), part_of(site, "uvicorn")
    with caller.listening() as socket:
        job = caller.expect("/api/backup/shop", {"consistency": "pause"})["progress_id"]
        socket.until(job, lambda told: told["bytes_done"] > 0)
        processes.send(worker, signal.SIGSTOP)
        assert state_of(docker, shop)["Paused"]
        postgres.stop()
        processes.send(worker, signal.SIGCONT)

        assert caller.ask("/api/containers")[0] == 503
        said = caller.ask("/api/containers")[1]
        assert (said["error"], said["code"]) == (SENTENCE, "database_unavailable")
        status, page = caller.ask("/containers/")
        assert status == 503 and SENTENCE in page
        assert caller.ask("/healthz")[0] == 503
        # The data is read to its end, and then the container does its work again.
        wait_for(
            lambda: not docker.inspect_container(shop)["State"]["Paused"],
            "its release",
            LONGEST_JOB,
        )
        assert not list((site.data_dir / "backups").glob("*.tar.gz"))
        wait_for(lambda: "is waited for" in site.log, "the worker to wait", LONGEST_JOB)

        postgres.start()
        told = socket.until(job, lambda told: told["status"] == "complete")
    assert told["error"] is None
    assert (part_of(site, "run_jobs"), part_of(site, "uvicorn")) == (worker, web)
    assert caller.progress(job)["filename"] == told["filename"]
    second = caller.expect("/api/backup/shop", {})["progress_id"]
    assert caller.ended(second)["status"] == "complete"
    assert rows(database_url, "SELECT count(*) FROM backups_backup") == [(2,)]
    done = "SELECT count(*) FROM accounts_auditentry WHERE action = 'backup' AND result = 'done'"
    wait_for(lambda: rows(database_url, done) == [(2,)], "a line in the trail for each")
    assert PASSWORD not in site.log
    assert site.stop() == 0
