"""Commands that a container's labels ask for, around the reading of its data."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from accounts.models import AuditEntry
from backups import capture
from backups.archive.reader import ArchiveReader
from backups.capture import Capture
from backups.errors import CannotBackUp
from backups.files import archive_path
from backups.hooks import hooks_of
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import request_backup
from jobs.models import Job, Status
from jobs.services import cancel
from jobs.worker import recover
from tests.arrange import ContainerMaker, run_in
from tests.backups.capturing import at_first_block, state_of
from tests.backups.pages import text_of
from tests.backups.steps import backed_up, failed, finished
from tests.backups.workers import kill, wait_until, worker_process
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]

PREFIX = "container-monkey.backup."
DUMP = '["sh", "-c", "echo dumped > /data/dump; echo pre >> /log"]'
CLEAR = '["sh", "-c", "rm -f /data/dump; echo post >> /log"]'
AROUND = {"pre": DUMP, "post": CLEAR}


def labels(**hooks: str) -> dict[str, str]:
    return {PREFIX + name: text for name, text in hooks.items()}


@pytest.fixture
def make_db(make_container: ContainerMaker, docker: APIClient) -> Any:
    """Makes a running container `db` with a volume and these hooks."""

    def make(*, start: bool = True, **hooks: str) -> str:
        host = {"binds": ["data:/data"]}
        container = make_container("db", labels=labels(**hooks), host=host, start=start)
        if start:
            run_in(docker, container, "sh", "-c", "echo one > /data/one")
        return container

    return make


def log_of(docker: APIClient) -> list[str]:
    """Which hooks were run, in order."""
    return run_in(docker, "db", "sh", "-c", "touch /log; cat /log").split()


def names_in(backup: Backup) -> list[str]:
    with ArchiveReader(archive_path(backup.filename)) as archive:
        key = archive.manifest["sources"][0]["key"]
        return [file.path for file in archive.list_files(key, "/", 1, 10).entries]


# What the labels say


def hooks_from(**hooks: str) -> Any:
    return hooks_of({"Config": {"Labels": labels(**hooks)}})


def test_a_command_is_an_array_of_words_or_plain_words() -> None:
    hooks = hooks_from(pre='["a", "b c", "$d"]', post="a 'b c' $d; e", user="postgres")
    assert hooks.before.command == ("a", "b c", "$d")
    assert hooks.after.command == ("a", "b c", "$d;", "e")
    assert hooks.before.user == hooks.after.user == "postgres"
    assert hooks.words == [("Before", "a 'b c' '$d'"), ("After", "a 'b c' '$d;' e")]
    assert hooks.timeout == 300
    assert hooks_from(pre="a", timeout="7").timeout == 7


def test_a_container_without_such_labels_has_no_hooks() -> None:
    assert not hooks_from()
    assert not hooks_from(pre=" ", timeout="5")
    assert not hooks_of({"Config": {"Labels": None}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"pre": '["a'},
        {"pre": "[]"},
        {"post": '["a", 1]'},
        {"post": "a 'b"},
        {"pre": "a", "workdir": "relative"},
        {"pre": "a", "timeout": "soon"},
        {"pre": "a", "timeout": "0"},
        {"pre": "a", "timeout": "86401"},
        {"pre": "a\0b"},
        {"pre": '["\\ud800"]'},
        {"pre": "[" * 60_000},
    ],
)
def test_labels_that_make_no_sense_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(CannotBackUp, match="cannot be followed"):
        hooks_from(**wrong)


def test_a_backup_is_refused_at_once_where_they_make_no_sense(make_db: Any) -> None:
    make_db(pre='["a')
    with pytest.raises(CannotBackUp, match=r"container-monkey\.backup\.pre"):
        request_backup("db", BackupOptions())
    assert not Job.objects.exists()


# Running them


@pytest.mark.parametrize("hold", ["none", "pause", "stop"])
def test_they_run_before_and_after_the_data_is_read(
    docker: APIClient, make_db: Any, hold: str
) -> None:
    make_db(**AROUND)
    backup = backed_up("db", consistency=hold)
    assert sorted(names_in(backup)) == ["/dump", "/one"]
    assert log_of(docker) == ["pre", "post"]
    assert run_in(docker, "db", "ls", "/data").split() == ["one"]
    assert Job.objects.get().result["went_wrong"] == []


def test_no_shell_sees_them(docker: APIClient, make_db: Any) -> None:
    make_db(pre="touch /data/a;b /data/$(id) /data/*")
    backup = backed_up("db")
    assert sorted(names_in(backup)) == ["/$(id)", "/*", "/a;b", "/one"]


def test_user_and_working_folder_are_those_of_the_labels(docker: APIClient, make_db: Any) -> None:
    make_db(pre='["sh", "-c", "id -un > who; pwd >> who"]', user="guest", workdir="/tmp")
    backed_up("db")
    assert run_in(docker, "db", "cat", "/tmp/who").split() == ["guest", "/tmp"]


def test_what_they_say_is_in_the_log_within_bounds_and_without_secrets(
    make_container: ContainerMaker,
) -> None:
    talk = "i=0; while [ $i -lt 99 ]; do echo line $i; i=$((i+1)); done; echo it is $PASSWORD >&2"
    make_container(
        "db",
        environment={"PASSWORD": "s3cret-word"},
        labels=labels(pre=json.dumps(["sh", "-c", talk])),
    )
    backed_up("db")
    log = Job.objects.get().log
    assert "Running the command before, in db: sh -c " in log
    assert "line 98\n" in log
    assert "line 79\n" not in log
    assert "it is ••••••" in log
    assert "s3cret-word" not in log


def test_whoever_reads_the_audit_trail_sees_them(make_db: Any) -> None:
    make_db(pre="true one")
    backed_up("db")
    entry = AuditEntry.objects.get(action="container.exec")
    assert entry.details["command"] == "true one"


# When one fails


@pytest.mark.parametrize(
    ("pre", "reason"),
    [
        ('["sh", "-c", "echo no room >&2; exit 3"]', "failed with exit code 3: no room."),
        ("no-such-program", "could not be run"),
    ],
)
def test_without_the_command_before_there_is_no_backup(
    docker: APIClient, data_dir: Path, make_db: Any, pre: str, reason: str
) -> None:
    make_db(pre=pre, post=CLEAR)
    began = state_of(docker, "db")["StartedAt"]
    job = failed(request_backup("db", BackupOptions(consistency="stop")))
    assert reason in job.error
    assert "put back" not in job.error
    assert job.undo == []
    assert not Backup.objects.exists()
    assert list((data_dir / "backups").iterdir()) == []
    assert state_of(docker, "db")["StartedAt"] == began
    assert log_of(docker) == ["post"]


def test_a_command_that_does_not_end_is_ended(docker: APIClient, make_db: Any) -> None:
    make_db(pre="sleep 4321", timeout="1")
    job = failed(request_backup("db", BackupOptions()))
    assert "did not end within 1 seconds, and was ended" in job.error
    assert "4321" not in run_in(docker, "db", "ps", "-o", "args")


def test_when_the_command_after_fails_the_backup_counts_and_says_so_loudly(
    make_db: Any, admin_client: Any
) -> None:
    make_db(post='["sh", "-c", "echo what a pity; exit 4"]')
    job = finished(request_backup("db", BackupOptions()))
    assert job.status == Status.COMPLETE
    assert Backup.objects.get().verified
    sentence = "The command after the backup of db failed with exit code 4: what a pity."
    assert sentence in job.result["warnings"][-1]
    assert sentence in job.log
    assert f"Complete, but {sentence}" in text_of(admin_client.get(f"/jobs/{job.progress_id}/"))


def test_the_command_after_runs_also_where_the_backup_fails(
    docker: APIClient, make_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_db(**AROUND)

    def cut_off() -> None:
        raise CannotBackUp("The cable was pulled.")

    at_first_block(monkeypatch, cut_off)
    job = failed(request_backup("db", BackupOptions(consistency="stop")))
    assert job.error.endswith("The cable was pulled.")
    assert log_of(docker) == ["pre", "post"]
    assert job.undo == []


def test_a_failed_command_after_a_failed_backup_is_said_and_not_tried_again(
    docker: APIClient, make_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_db(post='["sh", "-c", "echo post >> /log; exit 5"]')

    def cut_off() -> None:
        raise CannotBackUp("The cable was pulled.")

    at_first_block(monkeypatch, cut_off)
    job = failed(request_backup("db", BackupOptions()))
    assert "The cable was pulled. Not everything could be put back: " in job.error
    assert job.error.endswith("The command after the backup of db failed with exit code 5.")
    assert job.undo == []
    assert log_of(docker) == ["post"]


@pytest.mark.parametrize("hold", ["none", "stop"])
def test_a_worker_that_is_killed_leaves_the_command_after_to_the_next(
    docker: APIClient,
    make_db: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    hold: str,
) -> None:
    make_db(**AROUND)
    reached = tmp_path / "reached"

    def wait_for_ever(*_: Any) -> None:
        reached.touch()
        while True:
            time.sleep(60)

    monkeypatch.setattr(Capture, "write_source", wait_for_ever)
    job = request_backup("db", BackupOptions(consistency=hold))
    with worker_process() as process:
        wait_for(reached.exists, "the reading")
        kill(process)

    recover()

    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert job.undo == []
    assert log_of(docker) == ["pre", "post"]


def test_once_it_has_run_it_does_not_run_again(
    docker: APIClient, make_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_db(**AROUND)

    def fails(*_: Any) -> None:
        raise CannotBackUp("It is not as it was written.")

    monkeypatch.setattr(capture, "check", fails)
    failed(request_backup("db", BackupOptions()))
    assert log_of(docker) == ["pre", "post"]


def test_a_job_that_waits_for_a_command_can_be_cancelled(docker: APIClient, make_db: Any) -> None:
    make_db(pre="sleep 4321", post=CLEAR)
    job = request_backup("db", BackupOptions())
    with worker_process():
        wait_until(job, lambda job: "Running the command before" in job.step)
        wait_for(lambda: "sleep 4321" in run_in(docker, "db", "ps", "-o", "args"), "the command")
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert "4321" not in run_in(docker, "db", "ps", "-o", "args")
    assert log_of(docker) == ["post"]


# Containers in which nothing can be run


def test_in_a_container_that_does_not_run_they_are_passed_over_and_that_is_said(
    make_db: Any,
) -> None:
    make_db(start=False, **AROUND)
    job = finished(request_backup("db", BackupOptions()))
    assert job.status == Status.COMPLETE
    assert job.result["went_wrong"] == [
        "db does not run, so the commands that its labels ask for were not run."
    ]


def test_a_paused_container_with_a_command_before_is_not_backed_up_without_it(
    docker: APIClient, make_db: Any
) -> None:
    make_db(**AROUND)
    docker.pause("db")
    job = failed(request_backup("db", BackupOptions()))
    assert "db is paused" in job.error
    assert state_of(docker, "db")["Paused"]


# Told beforehand


def test_a_label_that_is_no_text_keeps_neither_page_nor_worker(
    make_db: Any, operator_client: Any
) -> None:
    make_db(pre='["\\ud800"]')
    page = operator_client.get("/backups/create/db/")
    assert page.status_code < 500
    assert "cannot be followed" in text_of(page)
    answer = operator_client.post("/api/backup/db", {}, "application/json")
    assert answer.status_code < 500
    assert "halves of characters" in answer.json()["error"]


def test_the_page_says_what_will_be_run(make_db: Any, operator_client: Any) -> None:
    make_db(pre="pg_dump -f '/data/<b>'", post="rm /data/dump")
    words = text_of(operator_client.get("/backups/create/db/"))
    assert "Before pg_dump -f '/data/<b>' After rm /data/dump" in words
    assert "where the first fails there is no backup" in words


def test_the_page_says_that_nothing_will_be_run(make_db: Any, admin_client: Any) -> None:
    make_db(start=False, **AROUND)
    words = text_of(admin_client.get("/backups/create/db/"))
    assert "They are not run, because it does not run." in words
