"""Which schedules are due, and that each runs once, whatever the clock does"""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections

from accounts.models import AuditEntry
from backups.models import Schedule, ScheduleRun
from backups.schedules import running
from backups.schedules.coverage import Covered
from backups.schedules.options import ScheduleOptions
from backups.schedules.running import run_due, run_now
from backups.schedules.services import (
    change_schedule,
    delete_schedule,
    find_schedule,
    switch_schedule,
)
from jobs.models import Job, Status
from jobs.worker import do_chores
from tests.engine_calls import recorded_calls

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def slots() -> list[str]:
    return [f"{run.slot:%d %H:%M}" for run in ScheduleRun.objects.order_by("pk")]


def next_run(schedule: Schedule) -> str:
    schedule.refresh_from_db()
    return f"{schedule.next_run:%d %H:%M}"


def test_nothing_runs_before_its_time(clock, make_schedule):
    schedule = make_schedule()
    assert next_run(schedule) == "16 02:30"
    clock.set(2026, 6, 16, 2, 29, 59)
    assert run_due() == []
    assert not ScheduleRun.objects.exists()


def test_what_is_due_asks_for_a_backup_of_each_container(clock, make_schedule, make_container):
    web = make_container("web", start=False)
    make_container("db", start=False)
    schedule = make_schedule(consistency="pause", include_image=True)
    clock.set(2026, 6, 16, 2, 30)
    do_chores()
    assert slots() == ["16 02:30"]
    assert next_run(schedule) == "17 02:30"
    jobs = Job.objects.order_by("pk")
    assert [(job.kind, job.subject) for job in jobs] == [("backup", "db"), ("backup", "web")]
    assert jobs[1].arguments == {
        "container": web,
        "name": "web",
        "options": {"consistency": "pause", "include_image": True, "include_bind_mounts": False},
        "schedule": schedule.pk,
        "asked_by": "schedule nightly",
    }
    asked = AuditEntry.objects.filter(action="backup.request")
    assert {line.username for line in asked} == {"schedule nightly"}


def test_the_second_look_finds_nothing_to_do(clock, make_schedule):
    make_schedule()
    clock.set(2026, 6, 16, 2, 30)
    run_due()
    assert run_due() == []
    assert slots() == ["16 02:30"]


def test_runs_that_were_missed_are_made_up_for_once(clock, make_schedule):
    schedule = make_schedule(expression="0 * * * *")
    clock.set(2026, 6, 18, 9, 14)
    run_due()
    run_due()
    assert slots() == ["15 13:00"]
    assert next_run(schedule) == "18 10:00"


def test_a_clock_that_is_set_back_runs_nothing_twice(clock, make_schedule):
    schedule = make_schedule(expression="0 * * * *")
    for hour in (13, 14, 15):
        clock.set(2026, 6, 15, hour)
        run_due()
    clock.set(2026, 6, 15, 12, 30)
    for _ in range(8):
        run_due()
        clock.forward(minutes=30)
    assert slots() == ["15 13:00", "15 14:00", "15 15:00", "15 16:00"]
    assert next_run(schedule) == "15 17:00"


def test_a_clock_that_was_years_ahead_leaves_nothing_in_a_far_future(clock, make_schedule):
    schedule = make_schedule()
    clock.set(2031, 1, 1)
    run_due()
    assert next_run(schedule) == "01 02:30"
    clock.set(2026, 6, 15, 12, 1)
    run_due()
    # What was due on the 16th was made up for under the wrong clock, and is not run again.
    assert next_run(schedule) == "17 02:30"
    clock.set(2026, 6, 17, 2, 30)
    run_due()
    assert slots() == ["16 02:30", "17 02:30"]


def schedule_after(schedule: Schedule) -> datetime | None:
    schedule.refresh_from_db()
    return schedule.next_run


def test_one_that_is_switched_off_does_not_run_and_makes_up_for_nothing(clock, make_schedule):
    schedule = make_schedule()
    switch_schedule(schedule.pk, False)
    assert schedule_after(schedule) is None
    clock.set(2026, 6, 18, 12)
    assert run_due() == []
    switch_schedule(schedule.pk, True)
    assert run_due() == []
    assert next_run(schedule) == "19 02:30"


def test_another_time_takes_the_place_of_one_that_is_due(clock, make_schedule):
    schedule = make_schedule()
    clock.set(2026, 6, 16, 3)
    change_schedule(schedule.pk, ScheduleOptions("nightly", "0 5 * * *", "UTC"))
    assert run_due() == []
    assert next_run(schedule) == "16 05:00"


def test_another_name_leaves_what_is_due(clock, make_schedule):
    schedule = make_schedule()
    clock.set(2026, 6, 16, 3)
    change_schedule(schedule.pk, ScheduleOptions("night", "30 2 * * *", "UTC"))
    assert [run.slot.hour for run in run_due()] == [2]


def test_what_is_covered_is_found_out_at_each_run(clock, make_schedule, make_container, docker):
    first = make_container("web", start=False)
    schedule = make_schedule(covers="except", names=["db"])
    make_container("db", start=False)
    run_now(schedule)
    Job.objects.update(status=Status.COMPLETE)
    docker.remove_container(first)
    again = make_container("web", start=False)
    make_container("new", start=False)
    run = run_now(schedule)
    assert [entry["container"] for entry in run.entries] == ["new", "web"]
    assert Job.objects.get(progress_id=run.entries[1]["job"]).arguments["container"] == again


def test_a_name_that_nothing_has_is_said(make_schedule, make_container):
    make_container("web", start=False)
    run = run_now(make_schedule(covers="only", names=["web", "wbe"], stacks=["shop"]))
    assert run.warnings == ["No container is called “wbe”.", "There is no stack “shop”."]
    assert [entry["container"] for entry in run.entries] == ["web"]


def test_covering_nothing_at_all_is_said(make_schedule):
    assert run_now(make_schedule()).warnings == [
        "It covers no container at all: there was nothing to do."
    ]


def test_this_program_and_its_helpers_are_never_covered(make_schedule, make_container, settings):
    settings.SHOW_SELF = True
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    make_container("web", start=False)
    run = run_now(make_schedule())
    assert [entry["container"] for entry in run.entries] == ["web"]


def test_one_that_is_still_queued_is_not_queued_again(make_schedule, make_container):
    make_container("web", start=False)
    schedule = make_schedule()
    run_now(schedule)
    run = run_now(schedule)
    assert Job.objects.count() == 1
    assert run.entries[0]["job"] is None
    assert "has not ended yet" in run.entries[0]["note"]
    other = run_now(make_schedule("weekly"))
    assert other.entries[0]["job"]


def test_an_engine_that_is_away_leaves_it_due(clock, make_schedule, make_container, engine):
    make_container("web", start=False)
    schedule = make_schedule()
    clock.set(2026, 6, 16, 2, 30)
    engine.kill()
    assert run_due() == []
    assert next_run(schedule) == "16 02:30"
    engine.start()
    clock.set(2026, 6, 16, 4)
    [run] = run_due()
    assert f"{run.slot:%H:%M}" == "02:30"
    assert [entry["container"] for entry in run.entries] == ["web"]


@pytest.mark.parametrize(
    "lost", [{"time_zone": "Mars/Olympus"}, {"expression": "every morning or so"}]
)
@pytest.mark.parametrize("planned_at", ["as it was", "under a clock of years ahead"])
def test_one_that_is_not_understood_any_more_keeps_no_other_from_running(
    clock, make_schedule, make_container, lost, planned_at
):
    make_container("web", start=False)
    Schedule.objects.filter(pk=make_schedule("a").pk).update(**lost)
    make_schedule("b")
    if planned_at != "as it was":
        Schedule.objects.filter(name="a").update(planned_at=datetime(2031, 1, 1, tzinfo=UTC))
    clock.set(2026, 6, 16, 2, 30)
    told = []
    runs = run_due(lambda name, sentence: told.append((name, sentence)))
    assert [run.schedule.name for run in runs] == ["b"]
    assert {name for name, _ in told} == {"a"}
    assert "is not known any more" in told[0][1]


def test_a_run_that_breaks_off_ends_no_worker_and_stays_due(
    monkeypatch, make_schedule, make_container, clock, caplog
):
    make_container("web", start=False)
    schedule = make_schedule()
    clock.set(2026, 6, 16, 2, 30)
    with monkeypatch.context() as patch:
        patch.setattr(running, "record", lambda *_, **__: 1 / 0)
        do_chores()
    assert "ZeroDivisionError" in caplog.text
    assert not ScheduleRun.objects.exists()
    assert not Job.objects.exists()
    assert next_run(schedule) == "16 02:30"
    do_chores()
    assert Job.objects.count() == 1


def test_one_call_of_the_engine_whatever_the_number(make_schedule, make_container):
    for number in range(4):
        make_container(f"web{number}", start=False)
    schedule = make_schedule()
    with recorded_calls() as calls:
        run_now(schedule)
    assert [call for call in calls if "version" not in call] == ["GET /v1.41/containers/json"]


def test_an_idle_look_is_one_or_two_queries(clock, make_schedule, django_assert_num_queries):
    for number in range(5):
        make_schedule(f"schedule {number}")
    with django_assert_num_queries(2):
        run_due()


def test_deleting_one_forgets_its_runs(make_schedule):
    schedule = make_schedule()
    run_now(schedule)
    delete_schedule(schedule.pk)
    assert not ScheduleRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_who_look_at_once_run_it_once(make_schedule, make_container, monkeypatch):
    make_container("web", start=False)
    schedule = make_schedule()
    slot = datetime(2026, 6, 15, tzinfo=UTC)
    Schedule.objects.update(next_run=slot)
    barrier, started = Barrier(4), []
    original = running.covered_now

    def together(options: ScheduleOptions) -> Covered:
        found = original(options)
        barrier.wait(20)  # all have seen that it is due before the first one claims it
        return found

    monkeypatch.setattr(running, "covered_now", together)

    def look() -> None:
        started.extend(run_due())
        connections.close_all()

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 1
    assert ScheduleRun.objects.count() == Job.objects.count() == 1
    assert find_schedule(schedule.pk).next_run > slot + timedelta(days=1)
