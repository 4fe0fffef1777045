"""A whole stack is saved at one moment, and listed whole or not at all."""

import os
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.archive.verify import verify
from backups.capture import Capture
from backups.errors import CannotBackUp
from backups.files import archive_path
from backups.models import Backup
from backups.options import BackupOptions
from backups.sets import capture as set_capture
from backups.sets.queries import find_set, newest_sets, sets_of
from backups.sets.services import request_stack_backup
from containermonkey.problems import NotFound
from engine.identity import SELF_LABEL
from jobs.models import Job, Status
from jobs.services import active_job_for
from jobs.worker import recover
from tests.arrange import ContainerMaker, run_in
from tests.backups.capturing import at_first_block, states, while_reading
from tests.backups.conftest import SmallDisk
from tests.backups.sets.shop import MEMBERS, STACK, backed_up, compose, make_shop
from tests.backups.steps import failed, volume_path
from tests.backups.workers import kill, worker_process
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir"),
]


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker, data_dir: Path) -> Path:
    """The stack, running; the directory of the backups."""
    make_shop(docker, make_container)
    return data_dir / "backups"


def test_each_member_has_a_whole_archive_of_its_own_that_tells_of_the_set(shop: Path) -> None:
    found = backed_up()
    assert [backup.container_name for backup in found.backups] == MEMBERS
    assert (found.stack, found.kind, found.missing) == (STACK, "compose", [])
    assert found.verified
    assert found.size == sum(path.stat().st_size for path in shop.iterdir())
    for backup in found.backups:
        path = archive_path(backup.filename)
        assert verify(path).sha256 == backup.sha256
        with ArchiveReader(path) as archive:
            assert archive.manifest["stack"] == {
                "name": STACK,
                "kind": "compose",
                "set_id": str(found.set_id),
                "members": MEMBERS,
            }


@pytest.mark.parametrize(("hold", "state"), [("pause", "paused"), ("stop", "exited")])
def test_all_members_stand_still_until_the_last_has_been_read(
    docker: APIClient,
    make_container: ContainerMaker,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    hold: str,
    state: str,
) -> None:
    make_container("bystander", host={"binds": ["other:/data"]})
    make_container("guest", host={"binds": ["shop_db:/data"]})
    before = states(docker)
    seen = while_reading(monkeypatch, lambda: states(docker))

    backed_up(consistency=hold)

    still = before | dict.fromkeys([*MEMBERS, "guest"], state)
    assert seen == [still] * 3
    assert states(docker) == before


def test_a_stack_whose_image_is_saved_too_runs_again_before_that(
    docker: APIClient, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, original = [], Capture.write_image

    def write_image(self: Capture, name: str) -> None:
        seen.append(states(docker))
        original(self, name)

    monkeypatch.setattr(Capture, "write_image", write_image)
    found = backed_up(consistency="stop", include_image=True)
    assert seen == [dict.fromkeys(MEMBERS, "running")] * 3
    assert all(backup.metadata.image_included for backup in found.backups)


def test_the_hooks_of_all_members_run_around_it(
    docker: APIClient, make_container: ContainerMaker, shop: Path
) -> None:
    labels = {
        "container-monkey.backup.pre": "touch /data/before",
        "container-monkey.backup.post": "touch /data/after",
    }
    host = {"binds": ["shop_jobs:/data"]}
    make_container("shop-jobs-1", labels=compose("jobs", "db") | labels, host=host)
    found = backed_up(consistency="stop")
    filename = next(b.filename for b in found.backups if b.container_name == "shop-jobs-1")
    with ArchiveReader(archive_path(filename)) as archive:
        key = archive.manifest["sources"][0]["key"]
        names = [file.path for file in archive.list_files(key, "/", 1, 10).entries]
    assert names == ["/before"]
    assert run_in(docker, "shop-jobs-1", "ls", "/data").split() == ["after", "before"]


def test_where_one_member_cannot_be_saved_none_is_listed(
    docker: APIClient, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, checked = set_capture.check, []

    def check(running: Any, finished: Any, span: Any) -> None:
        checked.append(finished.path)
        original(running, finished, span)
        if len(checked) == 3:
            raise CannotBackUp("The last one is not as it was written.")

    monkeypatch.setattr(set_capture, "check", check)
    job = failed(request_stack_backup(STACK, BackupOptions(consistency="stop")))
    assert job.error == "The last one is not as it was written."
    assert len(checked) == 3
    assert not Backup.objects.exists()
    assert list(shop.iterdir()) == []
    assert states(docker) == dict.fromkeys(MEMBERS, "running")


def test_a_full_disk_leaves_no_member_listed(
    docker: APIClient, shop: Path, small_disk: SmallDisk
) -> None:
    (volume_path(docker, "shop_files") / "large").write_bytes(os.urandom(16 << 20))
    small_disk(shop, 10)
    job = failed(request_stack_backup(STACK, BackupOptions(consistency="stop")))
    assert job.error == "There is no space left on the disk that holds the backups."
    assert not Backup.objects.exists()
    assert list(shop.iterdir()) == []
    assert states(docker) == dict.fromkeys(MEMBERS, "running")


def test_a_member_that_is_removed_while_others_are_read_is_saved_with_them(
    docker: APIClient, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first_block(monkeypatch, lambda: docker.remove_container("shop-web-1", force=True))
    found = backed_up(consistency="stop")
    assert [backup.container_name for backup in found.backups] == MEMBERS
    assert states(docker) == dict.fromkeys(MEMBERS[:2], "running")


def test_a_worker_that_is_killed_leaves_nothing(
    docker: APIClient, shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reached, original = tmp_path / "reached", Capture.read

    def read(self: Capture) -> None:
        original(self)
        if self.inspect["Name"] == "/shop-web-1":
            reached.touch()
            wait_for(lambda: False, "the end", 600)

    monkeypatch.setattr(Capture, "read", read)
    job = request_stack_backup(STACK, BackupOptions(consistency="stop"))
    with worker_process() as process:
        wait_for(reached.exists, "the last member")
        assert states(docker)["shop-db-1"] == "exited"
        active = active_job_for("shop-web-1")
        assert active and active.pk == job.pk
        kill(process)

    recover()

    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert not Backup.objects.exists()
    assert list(shop.iterdir()) == []
    assert states(docker) == dict.fromkeys(MEMBERS, "running")


# What is refused at once


def test_a_stack_that_is_not_there_is_not_found(shop: Path) -> None:
    with pytest.raises(NotFound):
        request_stack_backup("nowhere", BackupOptions())


def test_a_member_that_would_be_lost_by_stopping_is_named_before_anything_is_done(
    docker: APIClient, make_container: ContainerMaker, shop: Path
) -> None:
    make_container("shop-tmp-1", labels=compose("tmp"), host={"auto_remove": True})
    with pytest.raises(CannotBackUp, match="shop-tmp-1 removes itself"):
        request_stack_backup(STACK, BackupOptions(consistency="stop"))
    assert not Job.objects.exists()
    assert len(backed_up(consistency="pause").backups) == 4


def test_we_are_no_member_of_the_stack_that_we_run_in(
    make_container: ContainerMaker, shop: Path
) -> None:
    make_container("shop-monkey-1", labels=compose("monkey") | {SELF_LABEL: "1"})
    assert len(backed_up(consistency="stop").backups) == 3


# What is known of sets


def test_sets_are_told_by_their_stack_the_newest_first(shop: Path) -> None:
    older, newer = backed_up(), backed_up()
    assert [found.set_id for found in sets_of(STACK)] == [newer.set_id, older.set_id]
    assert newest_sets() == {STACK: newer.created}
    assert sets_of("nowhere") == []


def test_a_set_says_which_member_is_missing(shop: Path) -> None:
    found = backed_up()
    Backup.objects.get(container_name="shop-app-1").delete()
    assert find_set(found.set_id).missing == ["shop-app-1"]
    assert [b.container_name for b in find_set(found.set_id).backups] == [MEMBERS[0], MEMBERS[2]]


@pytest.mark.parametrize("set_id", ["", "x", "1f0e7c1e-5f6b-4a52-9d3f-0d6c0a1b2c3d"])
def test_a_set_that_is_not_there_is_not_found(set_id: str) -> None:
    with pytest.raises(NotFound):
        find_set(set_id)
