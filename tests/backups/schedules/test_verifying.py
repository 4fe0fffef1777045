"""Schedules that verify backups"""

from datetime import timedelta

import pytest

from backups.schedules.running import run_now
from jobs.models import Job, Kind
from tests.backups.records import NEWEST, make_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def asked() -> list[dict]:
    return [job.arguments["filename"] for job in Job.objects.filter(kind=Kind.VERIFY)]


def test_the_newest_of_each_container_is_verified(make_schedule):
    newest = [make_record("db", 1), make_record("web")]
    make_record("web", 2)
    make_record("net", kind="network")
    run = run_now(make_schedule(task="verify"))
    assert asked() == [backup.filename for backup in newest]
    assert [entry["filename"] for entry in run.entries] == asked()


def test_or_those_that_were_not_verified_for_so_many_days(make_schedule, clock):
    clock.now = NEWEST + timedelta(days=10)
    make_record("web", 0, verified_at=NEWEST + timedelta(days=5))
    old = make_record("web", 1, verified_at=NEWEST)
    never = make_record("web", 2, verified_at=None, verified=False)
    run_now(make_schedule(task="verify", verify_after_days=7))
    assert asked() == [old.filename, never.filename]


def test_one_that_is_being_verified_is_not_asked_for_again(make_schedule):
    make_record("web")
    schedule = make_schedule(task="verify")
    run_now(schedule)
    run = run_now(schedule)
    assert len(asked()) == 1
    assert "has not ended yet" in run.entries[0]["note"]


def test_only_what_it_covers_is_verified(make_schedule):
    db = make_record("db")
    make_record("db-old")
    run_now(make_schedule(task="verify", covers="only", names=["db"]))
    assert asked() == [db.filename]
