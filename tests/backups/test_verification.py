"""Reading archives again, and what their records say afterwards."""

import errno
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.utils import timezone

from backups import verification
from backups.archive.reader import ArchiveReader
from backups.coverage import coverage_of
from backups.models import Backup
from backups.services import last_backups
from backups.verification import not_verified_since, request_verify
from containermonkey.problems import NotFound
from jobs.models import Job, Status
from jobs.services import active_job_for, cancel
from tests.backups.archive.tars import some_volume, write_archive
from tests.backups.records import make_record
from tests.backups.steps import failed, finished
from tests.backups.workers import kill, wait_until, worker_process
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

LONG_AGO = timezone.now() - timedelta(days=30)


@pytest.fixture
def backup(data_dir: Path) -> Backup:
    return listed(data_dir / "backups" / "web_20260504_030201.tar.gz")


def listed(path: Path, **values: object) -> Backup:
    """An archive with its record, last verified a month ago."""
    written = write_archive(path, {"data": some_volume()})
    digest = sha256(path.read_bytes()).hexdigest()
    told = {"size": written.size, "sha256": digest, "verified_at": LONG_AGO}
    return make_record(filename=path.name, **told | values)


def path_of(backup: Backup, data_dir: Path) -> Path:
    return data_dir / "backups" / backup.filename


def flip_a_bit(path: Path) -> str:
    """Damage a volume in an archive; the name of the part."""
    with ArchiveReader(path) as archive:
        part = archive.index.tree("data")
    content = bytearray(path.read_bytes())
    content[part.file_offset + part.file_size // 2] ^= 4
    path.write_bytes(content)
    return part.name


def said_of(backup: Backup) -> tuple[bool, str]:
    backup.refresh_from_db()
    return backup.verified, backup.problem


def test_a_sound_archive_was_verified_just_now(backup: Backup) -> None:
    job = finished(request_verify(backup.filename))
    assert job.status == Status.COMPLETE
    assert said_of(backup) == (True, "")
    assert backup.verified_at > LONG_AGO
    assert job.result["filename"] == backup.filename
    assert job.bytes_done == job.bytes_total == backup.size


def test_a_single_bit_that_changed_is_found_and_named(backup: Backup, data_dir: Path) -> None:
    part = flip_a_bit(path_of(backup, data_dir))
    job = failed(request_verify(backup.filename))
    verified, problem = said_of(backup)
    assert not verified
    assert part in problem
    assert job.error == problem
    assert backup.verified_at == LONG_AGO
    assert path_of(backup, data_dir).exists()


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_an_archive_that_was_cut_is_damaged(backup: Backup, data_dir: Path, left: int) -> None:
    path = path_of(backup, data_dir)
    path.write_bytes(path.read_bytes()[:left])
    failed(request_verify(backup.filename))
    assert said_of(backup)[0] is False


def test_a_file_that_is_gone_is_said_to_be(backup: Backup, data_dir: Path) -> None:
    path_of(backup, data_dir).unlink()
    failed(request_verify(backup.filename))
    assert said_of(backup) == (False, "The file of this backup is gone.")


def test_another_sound_archive_in_its_place_is_not_the_one_that_was_written(
    backup: Backup, data_dir: Path
) -> None:
    write_archive(data_dir / "other.tar.gz", {"data": some_volume(), "more": some_volume("more")})
    shutil.move(data_dir / "other.tar.gz", path_of(backup, data_dir))
    failed(request_verify(backup.filename))
    verified, problem = said_of(backup)
    assert not verified
    assert "not the one that was written" in problem


def test_what_is_mended_is_good_again(backup: Backup, data_dir: Path) -> None:
    path = path_of(backup, data_dir)
    aside = path.rename(data_dir / "aside")
    failed(request_verify(backup.filename))
    aside.rename(path)
    finished(request_verify(backup.filename))
    assert said_of(backup) == (True, "")


def test_a_disk_that_cannot_read_is_damage(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, errno.EIO)
    failed(request_verify(backup.filename))
    assert said_of(backup) == (False, "The disk cannot read the file of this backup.")


def test_a_failure_that_says_nothing_of_the_archive_changes_nothing(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, errno.EACCES)
    failed(request_verify(backup.filename))
    assert said_of(backup) == (True, "")


def test_without_the_directory_of_backups_none_is_called_gone(
    backup: Backup, data_dir: Path
) -> None:
    (data_dir / "backups").rename(data_dir / "not mounted")
    assert "directory for backups" in failed(request_verify(backup.filename)).error
    assert said_of(backup) == (True, "")


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def verify(*_: object, **__: object) -> None:
        raise OSError(number, "refused for the test")

    monkeypatch.setattr(verification, "verify", verify)


def test_a_check_that_is_killed_or_cancelled_changes_nothing(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "reached"

    def never_ending(path: Path, on_bytes: object) -> None:
        marker.touch()
        wait_for(lambda: on_bytes(1), "the job to be ended", timeout=60)

    monkeypatch.setattr(verification, "verify", never_ending)
    request_verify(backup.filename)
    with worker_process() as process:
        wait_for(marker.exists, "the check to have begun")
        kill(process)
    assert said_of(backup) == (True, "")
    assert backup.verified_at == LONG_AGO
    Job.objects.all().delete()
    job = request_verify(backup.filename)
    with worker_process():
        wait_until(job, lambda job: job.active)
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert said_of(backup) == (True, "")
    assert backup.verified_at == LONG_AGO


def test_the_container_itself_stays_free(backup: Backup) -> None:
    Job.objects.filter(pk=request_verify(backup.filename).pk).update(status=Status.RUNNING)
    assert active_job_for("web") is None


def test_a_damaged_backup_is_not_the_last_good_one(data_dir: Path, web: str, docker) -> None:
    good = listed(data_dir / "backups" / "web_1.tar.gz", created=LONG_AGO)
    newest = listed(data_dir / "backups" / "web_2.tar.gz")
    flip_a_bit(path_of(newest, data_dir))
    failed(request_verify(newest.filename))
    assert last_backups() == {"web": good.created}
    covered = coverage_of(docker.inspect_container(web))["/data"]
    assert covered.filename != newest.filename


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"another size")])
def test_one_whose_file_is_gone_or_another_is_not_the_last_good_one(
    data_dir: Path, web: str, docker, harm
) -> None:
    good = listed(data_dir / "backups" / "web_1.tar.gz", created=LONG_AGO)
    newest = listed(data_dir / "backups" / "web_2.tar.gz")
    harm(path_of(newest, data_dir))
    assert last_backups() == {"web": good.created}
    covered = coverage_of(docker.inspect_container(web))["/data"]
    assert covered.filename != newest.filename


def test_those_that_were_not_checked_for_long_are_found() -> None:
    now = timezone.now()
    make_record("new", verified_at=now)
    old = make_record("old", verified_at=now - timedelta(days=8))
    never = make_record("never", verified=False, verified_at=None)
    assert list(not_verified_since(7)) == [never, old]


def test_what_is_no_backup_cannot_be_checked() -> None:
    with pytest.raises(NotFound):
        request_verify("nothing.tar.gz")
    assert not Job.objects.exists()
