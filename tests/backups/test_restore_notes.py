"""What GNU tar has to say while volumes are filled is told with whatever came of it."""

from pathlib import Path

import pytest
from docker import APIClient

from backups import rehearsal
from backups.gnutar.directory import DirectoryTransport
from backups.gnutar.process import TarProcess
from backups.models import Backup
from backups.put_back import request_put_back
from backups.rehearsal import request_rehearsal
from jobs.models import Job, Status
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, finished, restored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

SAID = "file: Cannot set its owner's mood"


@pytest.fixture(autouse=True)
def _talkative(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    """Every tar that writes has something to say."""
    original = DirectoryTransport.finish

    def finish(self: DirectoryTransport, tar: TarProcess) -> None:
        original(self, tar)
        if tar.process.stdin:
            self.note(SAID)

    monkeypatch.setattr(DirectoryTransport, "finish", finish)
    monkeypatch.setattr(rehearsal, "STAY_UP_SECONDS", 0.5)


def backup_of_one_that_runs(docker: APIClient, make: ContainerMaker, **config: object) -> Backup:
    make("app", command=["sleep", "1000"], host={"binds": ["data:/data"], "init": True}, **config)
    run_in(docker, "app", "touch", "/data/file")
    return backed_up("app")


def backup_of(docker: APIClient, make: ContainerMaker, **config: object) -> Backup:
    """The backup of a container with a volume; both are gone."""
    backup = backup_of_one_that_runs(docker, make, **config)
    docker.remove_container("app", force=True)
    docker.remove_volume("data")
    return backup


def is_told(job: Job) -> bool:
    sentence = f"/data: {SAID}"
    return job.result["report"].count(sentence) == 1 and sentence in job.log


def test_of_a_container(docker: APIClient, make_container: ContainerMaker) -> None:
    assert is_told(restored(backup_of(docker, make_container)))


def test_of_a_task_of_a_swarm_of_which_only_the_data_comes_back(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    labels = {"com.docker.swarm.task.id": "x"}
    job = restored(backup_of(docker, make_container, labels=labels))
    assert is_told(job)
    assert docker.containers(all=True) == []


def test_of_a_single_file_that_is_put_back(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    backup = backup_of_one_that_runs(docker, make_container)
    key = backup.metadata["volumes"][0]["key"]
    job = finished(request_put_back(backup.filename, f"/{key}/file"))
    assert job.status == Status.COMPLETE, job.error
    assert job.result["report"] == [SAID]
    assert SAID in job.log


def test_of_a_rehearsal(docker: APIClient, make_container: ContainerMaker) -> None:
    job = finished(request_rehearsal(backup_of(docker, make_container).filename))
    assert job.status == Status.COMPLETE, job.error
    assert is_told(job)
