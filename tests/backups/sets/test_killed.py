"""A worker that is killed anywhere in the backup of a stack, or in bringing one back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.verify import verify
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from backups.restore import Restore
from backups.services import delete_backup
from backups.sets.options import SetOptions
from backups.sets.queries import BackupSet
from backups.sets.restore import SetRestore
from backups.sets.services import request_set_restore, request_stack_backup
from jobs.models import Job, Status
from jobs.worker import recover
from tests.arrange import ContainerMaker, left_by_jobs, run_in
from tests.backups.capturing import states
from tests.backups.killing import kill_after_every_act, killed_at
from tests.backups.sets.shop import (
    MEMBERS,
    STACK,
    backed_up,
    compose,
    make_shop,
    remove_shop,
)
from tests.backups.steps import state_of_host, tree_of, volume_path
from tests.backups.workers import do_next_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

TWO = ["shop-app-1", "shop-db-1"]
HOOKS = {
    "container-monkey.backup.pre": "touch /data/in-backup-mode",
    "container-monkey.backup.post": "rm -f /data/in-backup-mode",
}
OVER = SetOptions(on_conflict="replace", overwrite_volumes=True)


def test_after_any_act_all_members_are_listed_or_none_and_all_run(
    docker: APIClient, make_container: ContainerMaker, data_dir: Path, tmp_path: Path
) -> None:
    make_container("shop-app-1", labels=compose("app", "db"), host={"binds": ["files:/files"]})
    make_container("shop-db-1", labels=compose("db") | HOOKS, host={"binds": ["rows:/data"]})

    def request() -> Job:
        return request_stack_backup(STACK, BackupOptions(consistency="pause"))

    def check(job: Job, act: str) -> None:
        listed = list(Backup.objects.order_by("filename"))
        assert [backup.container_name for backup in listed] in ([], TWO), act
        ended = Status.COMPLETE if listed or not act else Status.INTERRUPTED
        assert (job.status, job.undo) == (ended, []), act
        files = sorted(path.name for path in (data_dir / "backups").iterdir())
        assert files == [backup.filename for backup in listed], act
        assert states(docker) == dict.fromkeys(TWO, "running"), act
        assert run_in(docker, "shop-db-1", "ls", "/data") == "", act
        assert left_by_jobs(docker) == [], act
        for backup in listed:
            assert verify(archive_path(backup.filename)).sha256 == backup.sha256
            delete_backup(backup.filename)

    acts = kill_after_every_act(request, check, tmp_path)

    assert acts.count("hardlink_to") == 2
    assert sum(act.endswith("/pause") for act in acts) == 2


# Bringing it back


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> BackupSet:
    """A backup of the stack, which still runs."""
    make_shop(docker, make_container)
    return backed_up(consistency="pause")


@pytest.fixture
def look(docker: APIClient, data_dir: Path) -> Callable[[], dict[str, Any]]:
    """Looks at everything that has to be as it was."""

    def look() -> dict[str, Any]:
        host = state_of_host(docker)
        trees = {name: tree_of(volume_path(docker, name)) for name in host["volumes"]}
        archives = sorted(path.name for path in (data_dir / "backups").iterdir())
        return host | {"trees": trees, "archives": archives}

    return look


@pytest.mark.parametrize(
    ("owner", "step", "is_there"),
    [
        (SetRestore, "make_networks", False),
        (Restore, "make_volumes", False),
        (Restore, "transfer", False),
        (Restore, "put_new_in_place", False),
        (Restore, "make_sharing_again", True),
        (Restore, "report", True),
    ],
)
def test_after_any_step_everything_is_as_it_was(
    docker: APIClient,
    shop: BackupSet,
    look: Callable[[], dict[str, Any]],
    tmp_path: Path,
    owner: Any,
    step: str,
    is_there: bool,
) -> None:
    if is_there:
        run_in(docker, "shop-db-1", "sh", "-c", "echo new > /data/table; echo more > /data/more")
    else:
        remove_shop(docker)
    before = look()
    job = request_set_restore(shop.set_id, OVER)

    killed_at(owner, step, do_next_job, tmp_path / "reached")
    recover()

    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert look() == before


def test_after_the_commit_everything_is_there_and_only_to_be_cleaned_up(
    docker: APIClient, shop: BackupSet, tmp_path: Path
) -> None:
    run_in(docker, "shop-db-1", "sh", "-c", "echo new > /data/table; echo more > /data/more")
    job = request_set_restore(shop.set_id, OVER)

    killed_at(SetRestore, "commit", do_next_job, tmp_path / "reached")
    recover()

    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.COMPLETE, [])
    assert states(docker) == dict.fromkeys(MEMBERS, "running")
    assert run_in(docker, "shop-db-1", "cat", "/data/table") == "rows\n"
    assert run_in(docker, "shop-db-1", "ls", "-A", "/data").split() == ["table"]
