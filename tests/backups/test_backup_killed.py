"""A worker that is killed after any act of a backup, on every way that volumes travel."""

from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.verify import verify
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from backups.services import delete_backup, request_backup
from jobs.models import Job, Status
from jobs.worker import recover
from tests.arrange import ContainerMaker, left_by_jobs, run_in
from tests.backups.capturing import states
from tests.backups.killing import kill_after_every_act, killed_at
from tests.backups.traveling import take_the_way
from tests.backups.workers import do_next_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

HOOKS = {
    "container-monkey.backup.pre": "touch /data/in-backup-mode",
    "container-monkey.backup.post": "rm -f /data/in-backup-mode",
}


def request() -> Job:
    return request_backup("db", BackupOptions(consistency="stop"))


@pytest.mark.parametrize("way", ["directory", "helper", "engine"])
def test_after_any_act_there_is_a_whole_backup_or_none_and_the_container_runs(
    docker: APIClient,
    make_container: ContainerMaker,
    data_dir: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    way: str,
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    make_container("db", host={"binds": ["data:/data"]}, labels=HOOKS)
    run_in(docker, "db", "sh", "-c", "echo rows > /data/table")

    def check(job: Job, act: str) -> None:
        listed = list(Backup.objects.all())
        ended = Status.COMPLETE if listed or not act else Status.INTERRUPTED
        assert (job.status, job.undo) == (ended, []), act
        files = sorted(path.name for path in (data_dir / "backups").iterdir())
        assert files == [backup.filename for backup in listed], act
        assert states(docker) == {"db": "running"}, act
        assert run_in(docker, "db", "ls", "/data").split() == ["table"], act
        assert left_by_jobs(docker) == [], act
        assert not list((data_dir / "pipes").glob("*")), act
        for backup in listed:
            assert verify(archive_path(backup.filename)).sha256 == backup.sha256
            delete_backup(backup.filename)

    acts = kill_after_every_act(request, check, tmp_path)

    assert {"_save", "commit", "__init__", "hardlink_to", "unlink", "run"} <= set(acts)
    assert acts.count("run") == 2
    assert any(act.endswith("/stop") for act in acts)


def test_on_a_disk_without_hard_links_no_empty_file_stays(
    docker: APIClient,
    make_container: ContainerMaker,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    make_container("db", host={"binds": ["data:/data"]})
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    request()
    killed_at(Path, "replace", do_next_job, tmp_path / "reached", before=True)
    assert 0 in [path.stat().st_size for path in (data_dir / "backups").iterdir()]

    recover()

    assert list((data_dir / "backups").iterdir()) == []
    assert states(docker) == {"db": "running"}
