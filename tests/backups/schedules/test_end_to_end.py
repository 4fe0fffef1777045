"""A schedule from its time to the deletion of what it does not keep, with the commands for cron"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backups.models import Backup, ScheduleRun
from backups.schedules.running import run_now
from backups.schedules.services import delete_schedule
from jobs.models import Job, Kind, Status
from jobs.worker import run_next
from tests.backups.records import make_record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("web", "data_dir")]


def called(*arguments: str) -> tuple[str, str, int]:
    """What a command wrote, what it complained of, and its exit status."""
    out, complaints, status = StringIO(), StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=complaints)
    except SystemExit as end:
        status = int(str(end.code))
    return out.getvalue(), complaints.getvalue(), status


def run_all() -> list[str]:
    """Do everything that is in the queue; what came of each."""
    before = Job.objects.count()
    while run_next():
        continue
    return [f"{job.kind} {job.status}" for job in Job.objects.order_by("pk")][before - 1 :]


def test_a_good_backup_makes_what_is_not_kept_go(make_schedule, data_dir):
    schedule = make_schedule(keep_last=2)
    for _ in range(2):
        run_now(schedule)
        assert run_all() == ["backup complete"]
    oldest = Backup.objects.order_by("created").first()
    run_now(schedule)
    assert run_all() == ["backup complete", "prune complete"]
    assert Backup.objects.filter(schedule=schedule).count() == 2
    assert not (data_dir / "backups" / oldest.filename).exists()
    assert not Backup.objects.filter(pk=oldest.pk).exists()


def test_a_backup_that_fails_makes_nothing_go(make_schedule, data_dir, docker):
    schedule = make_schedule(keep_last=1)
    run_now(schedule)
    run_all()
    make_record("web", 900, schedule=schedule)
    run_now(schedule)
    docker.remove_container("web", force=True)
    assert run_all() == ["backup failed"]
    out, _, status = called("prune_backups")
    assert (out, status) == ("", 0)
    assert Backup.objects.count() == 2


def test_backups_of_a_schedule_that_is_gone_are_by_hand(make_schedule):
    schedule = make_schedule(keep_last=1)
    run_now(schedule)
    delete_schedule(schedule.pk)
    assert run_all() == ["backup complete"]
    assert Backup.objects.get().schedule is None


def test_run_due_schedules_does_the_work_itself_where_no_worker_runs(make_schedule, clock):
    make_schedule(keep_last=1)
    for day in (16, 17):
        clock.set(2026, 6, day, 2, 31)
        out, complaints, status = called("run_due_schedules")
        assert (complaints, status) == ("", 0)
        assert f"web: complete, web_202606{day}_023100.tar.gz" in out
    assert "web: Deleted web_20260616_023100.tar.gz" in out
    assert Backup.objects.get().filename == "web_20260617_023100.tar.gz"
    assert called("run_due_schedules") == ("", "", 0)
    assert ScheduleRun.objects.count() == 2


def test_run_due_schedules_fails_where_nothing_could_be_run(make_schedule, clock, engine):
    make_schedule()
    clock.set(2026, 6, 16, 2, 30)
    engine.kill()
    try:
        out, complaints, status = called("run_due_schedules")
    finally:
        engine.start()
    assert (out, status) == ("", 1)
    assert complaints.startswith("nightly: ")


def test_run_due_schedules_fails_where_something_does_not_get_through(make_schedule, clock):
    make_schedule(covers="only", names=["web", "gone"])
    clock.set(2026, 6, 16, 2, 31)
    out, complaints, status = called("run_due_schedules")
    assert complaints == "nightly: No container is called “gone”.\n"
    assert "web: complete" in out
    assert status == 1


def test_prune_backups_says_what_it_would_do_and_does_it(make_schedule, data_dir):
    nightly, weekly = make_schedule(keep_last=1), make_schedule("weekly", keep_last=1)
    for schedule, container in ((nightly, "web"), (nightly, "db"), (weekly, "web")):
        for age in (0, 1):
            name = f"{container}-{schedule.name}-{age}.tar.gz"
            make_record(container, age, size=1, schedule=schedule, filename=name)
            (data_dir / "backups" / name).write_bytes(b"x")
    out, complaints, status = called("prune_backups", "--dry-run", "--schedule", "nightly")
    assert out.splitlines() == [
        "nightly, db:",
        "  stays  db-nightly-0.tar.gz  (the newest good one, the last one)",
        "  goes   db-nightly-1.tar.gz  (no rule keeps it)",
        "nightly, web:",
        "  stays  web-nightly-0.tar.gz  (the newest good one, the last one)",
        "  goes   web-nightly-1.tar.gz  (no rule keeps it)",
    ]
    assert (complaints, status, Backup.objects.count()) == ("", 0, 6)
    assert called("prune_backups", "--schedule", "nightly")[2] == 0
    left = set(Backup.objects.values_list("filename", flat=True))
    assert left == {
        *["db-nightly-0.tar.gz", "web-nightly-0.tar.gz"],
        *["web-weekly-0.tar.gz", "web-weekly-1.tar.gz"],
    }
    assert {path.name for path in (data_dir / "backups").iterdir()} == left
    assert Job.objects.filter(kind=Kind.PRUNE, status=Status.COMPLETE).count() == 2


def test_prune_backups_knows_its_schedules():
    with pytest.raises(CommandError, match="There is no schedule named 'x'"):
        call_command("prune_backups", "--schedule", "x")
