"""The job that deletes what is not kept"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.audit import Actor, acting
from accounts.models import AuditEntry
from backups.models import Backup, BulkDownload
from backups.retention import prune
from backups.retention.plan import plans_of
from backups.retention.prune import request_prune
from backups.schedules.services import delete_schedule, run_schedule
from jobs import registry
from jobs.models import Job, Kind, Status
from jobs.worker import recover, run_next
from tests.backups.records import METADATA
from tests.backups.workers import kill, worker_process
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def pruned(schedule, container: str = "web") -> Job:
    job = request_prune(schedule, container)
    assert run_next()
    job.refresh_from_db()
    return job


def left(data_dir: Path) -> set[str]:
    """What is there, in the records and on the disk, which is the same."""
    files = {path.name for path in (data_dir / "backups").iterdir()}
    assert files == set(Backup.objects.values_list("filename", flat=True))
    return files


def test_what_no_rule_keeps_goes_with_its_file(archives, schedule, data_dir):
    made = archives(0, 1, 2, 3)
    job = pruned(schedule)
    assert (job.status, job.error) == (Status.COMPLETE, "")
    assert left(data_dir) == {made[0].filename, made[1].filename}
    assert job.result["deleted"] == [made[3].filename, made[2].filename]


def test_each_deletion_is_in_the_audit_trail(archives, schedule):
    made = archives(0, 1, 2)
    pruned(schedule)
    line = AuditEntry.objects.get(action="backup.prune")
    assert (line.username, line.target) == ("schedule nightly", made[2].filename)
    assert line.details == {"kept": made[0].filename}


def test_containers_whose_names_begin_alike_are_not_mixed_up(archives, schedule, data_dir):
    mine, other = archives(0, 1, 2, 3), archives(0, 1, 2, 3, container="web-db")
    archives(4, 5, 6, container="we")
    pruned(schedule)
    assert left(data_dir) >= {backup.filename for backup in (*mine[:2], *other)}
    assert Backup.objects.count() == 2 + 4 + 3


def test_a_recreated_container_is_the_same(archives, schedule, data_dir):
    made = archives(0, container_id="a" * 64) + archives(1, 2, 3, container_id="b" * 64)
    pruned(schedule)
    assert left(data_dir) == {made[0].filename, made[1].filename}


def test_those_of_other_schedules_and_those_by_hand_stay(archives, schedule, data_dir):
    archives(0, 1)
    by_hand = archives(3, 4, 5, schedule=None)
    other = schedule.__class__.objects.create(name="other", expression="0 0 * * *")
    others = archives(6, 7, 8, schedule=other)
    job = pruned(schedule)
    assert job.result["deleted"] == []
    assert left(data_dir) >= {backup.filename for backup in (*by_hand, *others)}


def test_those_by_hand_count_and_go_where_it_is_said(archives, schedule, data_dir):
    schedule.include_manual = True
    schedule.save()
    by_hand, made = archives(0, 2, 4, schedule=None), archives(1, 3)
    archives(9, 10, container="db", schedule=None)
    pruned(schedule)
    assert {by_hand[0].filename, made[0].filename} == {
        name for name in left(data_dir) if name.startswith("web")
    }
    assert Backup.objects.filter(container_name="db").count() == 2


def test_nothing_that_is_not_listed_is_touched(archives, schedule, data_dir):
    archives(0, 1, 2, 3)
    foreign = data_dir / "backups" / "web_20200101_000000.tar.gz"
    foreign.write_text("somebody's")
    pruned(schedule)
    assert foreign.read_text() == "somebody's"


def test_a_link_is_neither_followed_nor_removed(archives, schedule, data_dir, tmp_path):
    made = archives(0, 1, 2)
    outside = tmp_path / "outside"
    outside.write_bytes(b"archive")
    link = data_dir / "backups" / made[2].filename
    link.unlink()
    link.symlink_to(outside)
    pruned(schedule)
    assert link.is_symlink()
    assert outside.exists()
    assert Backup.objects.count() == 3


def test_a_file_that_is_not_the_recorded_one_counts_for_nothing(archives, schedule, data_dir):
    made = archives(0, 1, 2, 3)
    (data_dir / "backups" / made[0].filename).write_bytes(b"another one")
    (data_dir / "backups" / made[1].filename).unlink()
    assert pruned(schedule).result["deleted"] == []
    assert Backup.objects.count() == 4


def test_one_that_is_not_verified_makes_no_other_go(archives, schedule, data_dir):
    made = archives(0, verified=False) + archives(1, 2, 3)
    pruned(schedule)
    assert left(data_dir) == {backup.filename for backup in made[:3]}


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
@pytest.mark.parametrize("arguments", [{"filename": "{}"}, {"filenames": ["{}"]}])
def test_what_a_job_works_with_stays(archives, schedule, data_dir, status, arguments):
    made = archives(0, 1, 2, 3)
    given = {
        key: [value[0].format(made[3].filename)] if isinstance(value, list) else made[3].filename
        for key, value in arguments.items()
    }
    Job.objects.create(kind=Kind.RESTORE, subject="web", status=status, arguments=given)
    plan = plans_of(schedule)[0]
    assert [item.filename for item in plan.going] == [made[2].filename]


def test_what_is_being_downloaded_with_others_stays(archives, schedule, data_dir, admin):
    made = archives(0, 1, 2, 3)
    download = BulkDownload.objects.create(
        user=admin, entries=[[made[3].filename, 7, 0]], read_at=timezone.now()
    )
    assert pruned(schedule).result["deleted"] == [made[2].filename]
    BulkDownload.objects.filter(pk=download.pk).update(read_at=None)
    assert pruned(schedule).result["deleted"] == [made[3].filename]


def test_what_somebody_begins_with_while_others_go_stays(archives, schedule, data_dir, monkeypatch):
    made = archives(0, 1, 2, 3)
    original = prune.forget_deleted

    def then_ask_for_a_restore(filename: str) -> None:
        original(filename)
        arguments = {"filename": made[2].filename}
        Job.objects.create(kind=Kind.RESTORE, subject="web", arguments=arguments)

    monkeypatch.setitem(registry._undo_actions, prune.FORGET_DELETED, then_ask_for_a_restore)
    assert pruned(schedule).result["deleted"] == [made[3].filename]
    assert left(data_dir) == {backup.filename for backup in made[:3]}


@pytest.fixture
def make_set(archives) -> Callable[..., dict[str, Backup]]:
    """Makes backups of a whole stack by hand, of these members; `but` is not there any more."""

    def make(age: int, *, but: str = "", **values) -> dict[str, Backup]:
        set_id, members = uuid4(), ["web", "db"]
        about = {"stack": "shop", "set_id": set_id, "schedule": None, **values}
        about["metadata"] = METADATA | {"stack": {"name": "shop", "members": members}}
        return {name: archives(age, container=name, **about)[0] for name in members if name != but}

    return make


def test_the_newest_good_backup_of_a_whole_stack_stays_whole(
    archives, schedule, data_dir, make_set
):
    """Of `db`, which the schedule does not cover, nothing goes; without `web` it is half a set."""
    schedule.include_manual = True
    schedule.save()
    made = archives(0, 1, 2)
    with_a_hole, damaged = make_set(3, but="db"), make_set(4, verified=False)
    newest, older = make_set(5), make_set(6)
    job = pruned(schedule)
    gone = {made[2], with_a_hole["web"], older["web"]}
    assert set(job.result["deleted"]) == {backup.filename for backup in gone}
    assert left(data_dir) >= {each["web"].filename for each in (newest, damaged)}
    plan = plans_of(schedule, container="web")[0]
    reasons = {verdict.item.filename: verdict.reasons for verdict in plan.verdicts}
    assert reasons[newest["web"].filename] == (
        "it is of the newest good backup of the whole stack shop",
    )


def test_an_alarm_that_nobody_has_seen_holds_everything(archives, schedule, data_dir):
    archives(0, usual_size=10**9)
    archives(1, 2, 3)
    assert pruned(schedule).result["deleted"] == []
    Backup.objects.update(seen_smaller=True)
    assert len(pruned(schedule).result["deleted"]) == 2


@pytest.mark.parametrize(("failed_last", "gone"), [(True, 0), (False, 2)])
def test_nothing_goes_after_a_backup_that_failed(archives, schedule, failed_last, gone, settings):
    made = archives(0, 1, 2, 3)
    job = Job.objects.create(
        kind=Kind.BACKUP,
        subject="web",
        status=Status.FAILED,
        arguments={"schedule": schedule.pk},
        created_at=made[0 if failed_last else 1].created.replace(second=30),
    )
    assert job.created_at > made[1].created
    assert len(pruned(schedule).result["deleted"]) == gone


def test_nothing_more_goes_once_the_good_one_has_gone(archives, schedule, data_dir, monkeypatch):
    made = archives(0, 1, 2, 3)
    original = prune.forget_deleted

    def then_lose_the_good_one(filename: str) -> None:
        original(filename)
        (data_dir / "backups" / made[0].filename).unlink()

    monkeypatch.setitem(registry._undo_actions, prune.FORGET_DELETED, then_lose_the_good_one)
    job = pruned(schedule)
    assert job.status == Status.FAILED
    assert "not there any more" in job.error
    assert (data_dir / "backups" / made[2].filename).exists()


def test_after_the_clock_was_set_back_those_from_the_future_count_for_nothing(
    archives, schedule, data_dir
):
    ahead, since = archives(-5000, -5001, -5002), archives(0, 1, 2, 3)
    pruned(schedule)
    assert left(data_dir) == {backup.filename for backup in (*ahead, *since[:2])}


def test_without_rules_nothing_goes(archives, schedule):
    archives(0, 1, 2, 3)
    schedule.keep_last = None
    schedule.save()
    assert pruned(schedule).result["deleted"] == []


def test_a_schedule_that_was_deleted_meanwhile_deletes_nothing(archives, schedule):
    archives(0, 1, 2, 3)
    job = request_prune(schedule, "web")
    delete_schedule(schedule.pk)
    assert run_next()
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "its backups stay" in job.error
    assert Backup.objects.filter(schedule=None).count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [True, False])
def test_killed_in_the_middle_it_leaves_no_file_without_record_and_no_record_without_file(
    archives, schedule, data_dir, monkeypatch, tmp_path, before
):
    made = archives(0, 1, 2, 3, 4)
    marker, unlink = tmp_path / "reached", os.unlink

    def unlink_and_wait(path, *arguments, **options):
        if not str(path).endswith(made[3].filename):
            return unlink(path, *arguments, **options)
        if not before:
            unlink(path, *arguments, **options)
        marker.touch()
        while True:
            time.sleep(60)

    monkeypatch.setattr(os, "unlink", unlink_and_wait)
    job = request_prune(schedule, "web")
    with worker_process() as process:
        wait_for(marker.exists, "the deletion")
        kill(process)
    monkeypatch.undo()
    recover()
    job.refresh_from_db()
    assert job.status == Status.INTERRUPTED
    assert left(data_dir) == {backup.filename for backup in made[: 4 if before else 3]}
    assert len(pruned(schedule).result["deleted"]) == (2 if before else 1)


@pytest.mark.parametrize(("who", "thinned"), [("operator", False), ("admin", True), ("", True)])
def test_only_a_run_of_somebody_who_may_delete_has_older_ones_go(
    who, thinned, archives, schedule, make_container, request, data_dir
):
    """Nobody gets round the right to delete by running a schedule over and over."""
    make_container("web", start=False)
    old = archives(1, 2, 3)
    actor = Actor.of(request.getfixturevalue(who)) if who else Actor(username="schedule nightly")
    with acting(lambda: actor):
        run_schedule(schedule.pk)
    while run_next():
        pass
    assert Job.objects.filter(kind=Kind.BACKUP, status=Status.COMPLETE).exists()
    assert Job.objects.filter(kind=Kind.PRUNE).exists() is thinned
    kept = {backup.filename for backup in old} & left(data_dir)
    assert len(kept) == (1 if thinned else 3)
