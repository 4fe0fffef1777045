"""A container, a volume or an archive that somebody removes while a job works with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from docker import APIClient

from backups import put_back, restore, verification
from backups.bulk import services as bulk
from backups.models import Backup
from backups.options import RestoreOptions
from backups.put_back import request_put_back
from backups.restore import Restore
from backups.services import request_restore
from backups.verification import GONE, request_verify
from containers.labels import SWARM_TASK
from jobs.models import Status
from tests.arrange import ContainerMaker, left_by_jobs, run_in
from tests.backups.capturing import Scene, at_first_block, states
from tests.backups.records import make_record
from tests.backups.steps import backed_up, failed, finished, state_of_host, tree_of, volume_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

OVER = RestoreOptions(on_conflict="replace", overwrite_volumes=True)


def before_step(
    monkeypatch: pytest.MonkeyPatch, owner: Any, step: str, act: Callable[[], object]
) -> None:
    """Have something done just before a step."""
    original = getattr(owner, step)

    def after_act(*arguments: Any, **options: Any) -> Any:
        act()
        return original(*arguments, **options)

    monkeypatch.setattr(owner, step, after_act)


def after_step(
    monkeypatch: pytest.MonkeyPatch, owner: Any, step: str, act: Callable[[], object]
) -> None:
    """Have something done right after a step."""
    original = getattr(owner, step)

    def before_act(*arguments: Any, **options: Any) -> Any:
        answer = original(*arguments, **options)
        act()
        return answer

    monkeypatch.setattr(owner, step, before_act)


# While a backup is made


@pytest.fixture
def scene(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Scene:
    return Scene(docker, make_container, data_dir)


def test_a_volume_that_is_removed_while_it_is_read_is_no_backup(
    scene: Scene, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To whoever reads its directory, the files in it just come to an end."""

    def remove() -> None:
        docker.remove_container("app", force=True)
        docker.remove_volume("data")

    at_first_block(monkeypatch, remove)

    job = failed(scene.request())

    assert "was removed" in job.error
    assert job.undo == []
    assert not Backup.objects.exists()
    assert list(scene.directory.iterdir()) == []
    assert state_of_host(docker) == {"containers": [], "networks": [], "volumes": []}


def test_a_container_whose_volume_stays_is_saved_whole(
    scene: Scene, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(monkeypatch, lambda: docker.remove_container("app", force=True))

    backup = backed_up("app", consistency="stop")

    assert backup.metadata["volumes"][0]["files"] == 3
    assert states(docker) == {}
    assert [path.name for path in scene.directory.iterdir()] == [backup.filename]


# While one is restored


class Saved:
    """A container, backed up, with its data changed since."""

    def __init__(self, docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> None:
        self.docker = docker
        make_container("app", host={"binds": ["data:/data"]})
        run_in(docker, "app", "sh", "-c", "echo saved > /data/file")
        self.backup = backed_up("app")
        self.path = data_dir / "backups" / self.backup.filename
        run_in(docker, "app", "sh", "-c", "echo present > /data/file")

    def tree(self) -> dict[str, Any]:
        return tree_of(volume_path(self.docker, "data"))


@pytest.fixture
def saved(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Saved:
    return Saved(docker, make_container, data_dir)


def test_an_archive_that_is_removed_while_it_is_restored_is_restored_whole(
    saved: Saved, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_step(monkeypatch, Restore, "put_old_aside", saved.path.unlink)

    job = finished(request_restore(saved.backup.filename, OVER))

    assert (job.status, job.undo) == (Status.COMPLETE, [])
    assert run_in(docker, "app", "cat", "/data/file") == "saved\n"


def test_one_that_is_removed_after_it_was_checked_changes_nothing(
    saved: Saved, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, tree = state_of_host(docker), saved.tree()
    after_step(monkeypatch, restore, "verify", saved.path.unlink)

    job = failed(request_restore(saved.backup.filename, OVER))

    assert job.error == f"The archive {saved.backup.filename} is listed, but its file is gone."
    assert (state_of_host(docker), saved.tree()) == (before, tree)


def test_one_that_was_taken_off_the_list_before_its_turn_is_said_so(
    saved: Saved, docker: APIClient
) -> None:
    before = state_of_host(docker)
    jobs = [
        request_restore(saved.backup.filename, OVER),
        request_verify(saved.backup.filename),
    ]
    saved.backup.delete()
    for job in jobs:
        assert failed(job).error == f"There is no backup named “{saved.backup.filename}”."
    assert state_of_host(docker) == before


def test_a_container_that_is_removed_before_it_is_replaced_changes_nothing_else(
    saved: Saved, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = saved.tree()
    before_step(
        monkeypatch, Restore, "put_old_aside", lambda: docker.remove_container("app", force=True)
    )

    job = failed(request_restore(saved.backup.filename, OVER))

    assert job.undo == []
    assert saved.tree() == tree
    assert states(docker) == {}
    assert left_by_jobs(docker) == []
    monkeypatch.undo()
    again = finished(request_restore(saved.backup.filename, OVER))
    assert again.status == Status.COMPLETE, again.error


def test_a_volume_that_is_pruned_before_its_container_is_made_is_no_success(
    saved: Saved, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Engine would make an empty one of that name."""
    docker.remove_container("app", force=True)
    docker.remove_volume("data")
    before_step(monkeypatch, Restore, "put_new_in_place", lambda: docker.remove_volume("data"))

    job = failed(request_restore(saved.backup.filename, OVER))

    assert job.error == "In the middle of it the volume data was removed."
    assert job.undo == []
    assert state_of_host(docker) == {"containers": [], "networks": [], "volumes": []}


def test_where_the_data_is_all_that_comes_back_it_has_to_be_there_at_the_end(
    docker: APIClient,
    make_container: ContainerMaker,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Until a swarm makes the container, nobody uses the volume, and a prune takes it."""
    make_container("task", host={"binds": ["data:/data"]}, labels={SWARM_TASK: "task-of-a-swarm"})
    backup = backed_up("task")
    docker.remove_container("task", force=True)
    docker.remove_volume("data")
    before_step(monkeypatch, Restore, "bring_back", lambda: docker.remove_volume("data"))

    job = failed(request_restore(backup.filename, OVER))

    assert job.error == "In the middle of it the volume data was removed."
    assert job.undo == []
    assert state_of_host(docker) == {"containers": [], "networks": [], "volumes": []}


# While one is verified, put back, or downloaded


@pytest.mark.parametrize("when", [before_step, after_step])
def test_one_that_is_removed_while_it_is_verified_is_said_to_be_gone(
    saved: Saved, monkeypatch: pytest.MonkeyPatch, when: Callable[..., None]
) -> None:
    when(monkeypatch, verification, "verify", saved.path.unlink)

    assert failed(request_verify(saved.backup.filename)).error == GONE

    saved.backup.refresh_from_db()
    assert (saved.backup.verified, saved.backup.problem) == (False, GONE)


def path_of_the_file(saved: Saved) -> str:
    return f"/{saved.backup.metadata['volumes'][0]['key']}/file"


def test_one_that_is_removed_before_a_file_is_put_back_changes_nothing(saved: Saved) -> None:
    job = request_put_back(saved.backup.filename, path_of_the_file(saved))
    saved.path.unlink()
    tree = saved.tree()
    assert "its file is gone" in failed(job).error
    assert saved.tree() == tree


def test_one_that_is_removed_while_a_file_is_put_back_gives_it_whole(
    saved: Saved, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_step(monkeypatch, put_back, "unpack", saved.path.unlink)
    job = finished(request_put_back(saved.backup.filename, path_of_the_file(saved)))
    assert job.status == Status.COMPLETE
    assert run_in(docker, "app", "cat", "/data/file") == "saved\n"


def test_a_volume_that_is_removed_before_a_file_is_put_back_is_said_so(
    saved: Saved, docker: APIClient
) -> None:
    job = request_put_back(saved.backup.filename, path_of_the_file(saved))
    docker.remove_container("app", force=True)
    docker.remove_volume("data")
    assert "data is not there any more" in failed(job).error
    assert state_of_host(docker)["volumes"] == []


async def test_one_that_vanishes_before_its_turn_breaks_a_download_of_several_off(
    admin: Any, data_dir: Path
) -> None:
    names = []
    for age in (1, 2):
        record = await sync_to_async(make_record)("web", age, size=3000)
        (data_dir / "backups" / record.filename).write_bytes(b"w" * 3000)
        names.append(record.filename)
    prepared = await sync_to_async(bulk.prepare)(admin.pk, names)
    browser = AsyncClient()
    await browser.aforce_login(admin)
    response = await browser.get(f"/api/backups/download-all/{prepared.download_id}")
    (data_dir / "backups" / names[1]).unlink()

    arrived = 0
    with pytest.raises(FileNotFoundError):
        async for piece in response.streaming_content:
            arrived += len(piece)

    assert 3000 < arrived < prepared.total_size
