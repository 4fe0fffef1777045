"""Making, changing and deleting schedules"""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission

from accounts.audit import Actor, acting
from accounts.models import AuditEntry, User
from backups.models import Backup, Schedule
from backups.schedules import services
from backups.schedules.options import ScheduleOptions
from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from tests.backups.records import make_record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"expression": "every day"}, "expression"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"task": "delete"}, "task"),
        ({"covers": "some"}, "covers"),
        ({"covers": "only"}, "names"),
        ({"covers": "only", "names": ["../x"]}, "names"),
        ({"labels": ["=x"]}, "labels"),
        ({"labels": ["x\0"]}, "labels"),
        ({"labels": ["\ud800"]}, "labels"),
        ({"stacks": [""]}, "stacks"),
        ({"stacks": ["x" * 301]}, "stacks"),
        ({"names": ["x"] * 1001}, "names"),
        ({"consistency": "freeze"}, "consistency"),
        ({"keep_last": 0}, "keep_last"),
        ({"keep_yearly": 10_001}, "keep_yearly"),
        ({"verify_after_days": -1}, "verify_after_days"),
    ],
)
def test_what_is_not_valid_is_named(options, field):
    chosen = {"name": "nightly", "expression": "@daily", "time_zone": "UTC", **options}
    with pytest.raises(Invalid) as caught:
        services.create_schedule(ScheduleOptions(**chosen))
    assert set(caught.value.fields) == {field}
    assert not Schedule.objects.exists()


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(Invalid) as caught:
        services.create_schedule(ScheduleOptions("", "x", "y", keep_last=0))
    assert set(caught.value.fields) == {"name", "expression", "time_zone", "keep_last"}


def test_the_time_zone_is_the_programs_unless_given(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    assert services.create_schedule(ScheduleOptions("n", "@daily")).time_zone == "Europe/Berlin"


def test_none_is_kept_that_would_never_fall_due(monkeypatch):
    """As where the program is killed before it has worked out when."""

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(services.running, "plan", killed)
    with pytest.raises(KeyboardInterrupt):
        services.create_schedule(ScheduleOptions("nightly", "@daily", "UTC"))
    assert not Schedule.objects.exists()


def test_of_two_that_take_a_name_at_once_one_has_it(make_schedule, monkeypatch):
    make_schedule("nightly")
    other = make_schedule("weekly")
    monkeypatch.setattr(services, "refuse_taken", lambda *arguments, **options: None)
    options = ScheduleOptions("nightly", "@daily", "UTC")
    for act in (
        services.create_schedule,
        lambda chosen: services.change_schedule(other.pk, chosen),
    ):
        with pytest.raises(Conflict) as caught:
            act(options)
        assert caught.value.fields == {"name": "is taken already"}
    assert Schedule.objects.count() == 2


def test_a_name_is_given_once(make_schedule):
    make_schedule("nightly")
    other = make_schedule("weekly")
    with pytest.raises(Conflict, match="named nightly already"):
        make_schedule("nightly")
    with pytest.raises(Conflict):
        services.change_schedule(other.pk, ScheduleOptions("nightly", "@daily", "UTC"))
    services.change_schedule(other.pk, ScheduleOptions("weekly", "@weekly", "UTC"))
    assert services.find_schedule(other.pk).expression == "0 0 * * 0"


def test_backups_of_a_deleted_schedule_stay_as_if_made_by_hand(make_schedule):
    schedule = make_schedule()
    make_record(schedule=schedule)
    services.delete_schedule(schedule.pk)
    assert Backup.objects.get().schedule is None
    with pytest.raises(NotFound):
        services.find_schedule(schedule.pk)


def test_every_change_is_in_the_audit_trail(make_schedule):
    schedule = make_schedule()
    services.change_schedule(schedule.pk, ScheduleOptions("night", "@daily", "UTC"))
    services.switch_schedule(schedule.pk, False)
    services.switch_schedule(schedule.pk, False)
    services.delete_schedule(schedule.pk)
    lines = AuditEntry.objects.order_by("pk").values_list("action", "target")
    assert list(lines) == [
        ("schedule.create", "nightly"),
        ("schedule.change", "night"),
        ("schedule.switch", "night"),
        ("schedule.delete", "night"),
    ]


def test_a_preview_without_an_engine_says_so_and_tells_the_rest():
    found = services.preview(ScheduleOptions("n", "@daily", "UTC"))
    assert len(found.next_runs) == 5
    assert found.covered is None
    assert "cannot be reached" in found.problem


@pytest.fixture
def caretaker(db) -> User:
    """Somebody who looks after the installation, and may delete nothing."""
    user = User.objects.create_user("carl")
    may = Permission.objects.filter(codename__in=["see", "back_up", "manage"])
    user.user_permissions.set(may)
    return user


def test_rules_of_retention_take_the_right_to_delete(caretaker):
    plain = ScheduleOptions("nightly", "@daily", "UTC")
    with acting(lambda: Actor.of(caretaker)):
        schedule = services.create_schedule(plain)
        for ask in (
            lambda options: services.create_schedule(replace(options, name="other")),
            lambda options: services.change_schedule(schedule.pk, options),
        ):
            with pytest.raises(NotAllowed, match="the right to delete"):
                ask(replace(plain, keep_last=1))
        services.change_schedule(schedule.pk, replace(plain, consistency="pause"))
    assert AuditEntry.objects.filter(action="backup.prune", result="failed").count() == 2
    assert not services.find_schedule(schedule.pk).keep_last
