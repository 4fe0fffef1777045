"""/backups/schedules/ and what lies below it"""

import pytest

from backups.models import Schedule, ScheduleRun
from backups.schedules.running import run_now
from jobs.models import Job, Status
from tests.backups.pages import links_of, tags_of, text_of
from tests.backups.records import METADATA, make_record

pytestmark = pytest.mark.django_db
LIST, NEW = "/backups/schedules/", "/backups/schedules/new/"
FILLED_IN = {
    "name": "nightly",
    "enabled": "on",
    "task": "backup",
    "every": "weekly",
    "minute": "0",
    "at": "04:15",
    "weekday": "6",
    "day": "1",
    "expression": "",
    "time_zone": "Europe/Berlin",
    "covers": "everything",
    "names": "",
    "labels": "",
    "stacks": "",
    "consistency": "stop",
    "verify_after_days": "",
    "keep_last": "3",
    "keep_days": "",
    "keep_daily": "",
    "keep_weekly": "",
    "keep_monthly": "",
    "keep_yearly": "",
}


def page(schedule: Schedule, rest: str = "") -> str:
    return f"{LIST}{schedule.pk}/{rest}"


# The list


def test_without_schedules_the_list_leads_to_the_first(client):
    response = client.get(LIST)
    assert "No schedules yet" in text_of(response)
    assert NEW in links_of(response)


def test_the_list_says_when_and_how_it_went(client, make_schedule, make_container):
    make_container("web", start=False)
    run_now(make_schedule())
    Job.objects.update(status=Status.FAILED, error="The disk is full.")
    make_schedule("weekly", expression="0 5 * * 0", enabled=False)
    words = text_of(client.get(LIST))
    assert "nightly Back up · Every day at 02:30 On" in words
    assert "1 of 1 failed" in words
    assert "weekly Back up · Every Sunday at 05:00 Off" in words


def test_the_list_costs_the_same_whatever_it_holds(
    admin_client, engine, make_schedule, django_assert_num_queries
):
    run_now(make_schedule("first"))
    admin_client.get(LIST)
    with django_assert_num_queries(6) as before:
        admin_client.get(LIST)
    for number in range(3):
        run_now(make_schedule(f"schedule {number}"))
    with django_assert_num_queries(len(before)):
        admin_client.get(LIST)


# The form


def test_the_form_begins_with_what_would_be_done(client, make_container):
    make_container("web", start=False)
    words = text_of(client.get(NEW))
    assert "02:30 UTC" in words
    assert "1 container. Found anew at each run" in words


def test_what_is_filled_in_is_shown_before_it_is_kept(client, engine):
    answer = client.get(NEW, FILLED_IN, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    words = text_of(answer)
    assert words.count("Sat ") == 5
    assert words.count("04:15 CE") == 5
    assert "No container at all." in words
    assert not tags_of(answer, "form")
    assert not Schedule.objects.exists()


def test_what_is_wrong_is_shown_as_well(client, engine):
    wrong = FILLED_IN | {"every": "cron", "expression": "61 * * * *"}
    words = text_of(client.get(NEW, wrong, headers={"HX-Request": "true"}))
    assert "It is not valid as it is" in words
    assert "Cron expression: This is not a cron expression: the minute is not valid." in words


def test_it_is_kept(client, engine):
    response = client.post(NEW, FILLED_IN)
    schedule = Schedule.objects.get()
    assert (response.status_code, response["Location"]) == (302, page(schedule))
    assert (schedule.expression, schedule.time_zone) == ("15 4 * * 6", "Europe/Berlin")
    assert (schedule.consistency, schedule.keep_last, schedule.keep_days) == ("stop", 3, None)
    assert schedule.created_by.username in ("ada", "otto")
    assert "Saved the schedule nightly." in text_of(client.get(page(schedule)))


@pytest.mark.parametrize(
    ("chosen", "expression"),
    [
        ({"every": "hourly", "minute": "20"}, "20 * * * *"),
        ({"every": "daily"}, "15 4 * * *"),
        ({"every": "monthly", "day": "L"}, "15 4 L * *"),
        ({"every": "cron", "expression": "@hourly"}, "0 * * * *"),
        ({"every": "cron", "expression": "*/5 1-3 * jan mon-fri"}, "*/5 1-3 * JAN MON-FRI"),
    ],
)
def test_each_choice_is_an_expression_and_is_shown_again(admin_client, engine, chosen, expression):
    admin_client.post(NEW, FILLED_IN | chosen)
    schedule = Schedule.objects.get()
    assert schedule.expression == expression
    again = admin_client.get(page(schedule, "edit/"))
    plain = "cron" if chosen.get("expression", "").startswith("*/") else chosen["every"]
    shown = "hourly" if chosen.get("expression") == "@hourly" else plain
    assert "checked" in tags_of(again, "input", name="every", value=shown)[0]


def test_lists_are_one_a_line(admin_client, engine):
    named = {"covers": "only", "names": "web, db\r\ndb  cache", "labels": "a=b c\r\n\r\nd"}
    admin_client.post(NEW, FILLED_IN | named)
    schedule = Schedule.objects.get()
    assert schedule.names == ["web", "db", "cache"]
    assert schedule.labels == ["a=b c", "d"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "must have 1 to 100 printable characters"),
        ({"time_zone": "Mars"}, "must be the name of a time zone"),
        ({"covers": "only"}, "Name at least one container, label or stack."),
        ({"keep_last": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"every": "hourly", "minute": "x"}, "Enter a whole number."),
        ({"name": "taken"}, "is taken already"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(admin_client, engine, make_schedule, wrong, words):
    make_schedule("taken")
    response = admin_client.post(NEW, FILLED_IN | wrong)
    assert response.status_code == 422
    assert words in text_of(response)
    assert Schedule.objects.count() == 1


def test_an_engine_that_is_away_hinders_no_schedule(admin_client):
    assert "It cannot be told now" in text_of(admin_client.get(NEW))
    assert admin_client.post(NEW, FILLED_IN).status_code == 302


def test_changing_shows_which_backups_would_go(admin_client, engine, make_schedule, data_dir):
    schedule = make_schedule()
    for age in range(3):
        record = make_record("web", age, size=7, schedule=schedule)
        (data_dir / "backups" / record.filename).write_bytes(b"archive")
    address = page(schedule, "edit/")
    assert "web: 3 backups, none to go" in text_of(admin_client.get(address))
    words = text_of(admin_client.get(address, FILLED_IN | {"keep_last": "1"}))
    assert "web: 3 backups, 2 to go" in words
    response = admin_client.post(address, FILLED_IN | {"name": "other"})
    assert response.status_code == 302
    schedule.refresh_from_db()
    assert (schedule.name, schedule.keep_last) == ("other", 3)


# The page of one


def test_its_page_tells_of_each_container_how_it_went(client, make_schedule, make_container):
    make_container("db", start=False)
    make_container("web", start=False)
    schedule = make_schedule(covers="only", names=["web", "db", "wbe"])
    run_now(schedule)
    Job.objects.filter(subject="web").update(status=Status.FAILED, error="The disk is full.")
    Job.objects.filter(subject="db").update(status=Status.COMPLETE)
    response = client.get(page(schedule))
    words = text_of(response)
    assert "db Complete web The disk is full. Failed" in words
    assert words.count("No container is called “wbe”.") == 2
    assert f"/jobs/{Job.objects.first().progress_id}/" in links_of(response)
    assert "Only these: web, db, wbe" in words


def test_a_run_that_is_late_is_said(admin_client, engine, make_schedule, clock):
    schedule = make_schedule()
    clock.set(2026, 6, 16, 2, 40)
    assert "Due since Tue 16 Jun 2026, 02:30 UTC" in text_of(admin_client.get(page(schedule)))


def test_an_alarm_is_said_once_for_each_container(admin_client, engine, make_schedule):
    schedule = make_schedule()
    small = METADATA | {"volumes": [{"type": "volume", "size": 1000, "key": "k", "name": "n"}]}
    for age in (0, 1):
        make_record("web", age, metadata=small, schedule=schedule, usual_size=10**8)
    words = text_of(admin_client.get(page(schedule)))
    assert words.count("The backup of web is suddenly much smaller") == 1
    assert "It holds 1000 B of data; the backups before it held about 95.4 MiB." in words


def test_running_it_now(client, make_schedule, make_container):
    make_container("web", start=False)
    schedule = make_schedule(enabled=False)
    response = client.post(page(schedule, "run/"))
    assert (response.status_code, response["Location"]) == (302, page(schedule))
    assert Job.objects.get().subject == "web"
    assert "nightly: 1 put into the queue." in text_of(client.get(page(schedule)))


def test_switching_it_off_and_on(client, make_schedule):
    schedule = make_schedule()
    client.post(page(schedule, "switch/"), {"on": "0"})
    schedule.refresh_from_db()
    assert (schedule.enabled, schedule.next_run) == (False, None)
    response = client.post(page(schedule, "switch/"), {"on": "1", "next": "list"})
    assert response["Location"] == LIST
    schedule.refresh_from_db()
    assert schedule.enabled


def test_deleting_it_asks_first_and_says_that_backups_stay(client, make_schedule):
    schedule = make_schedule()
    make_record(schedule=schedule)
    words = text_of(client.get(page(schedule, "delete/")))
    assert "Its 1 backup will stay, as if made by hand" in words
    assert client.post(page(schedule, "delete/"))["Location"] == LIST
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("key", ["77", "9" * 30])
@pytest.mark.parametrize("rest", ["", "edit/", "delete/"])
def test_what_is_not_there_is_not_found(admin_client, rest, key):
    assert admin_client.get(f"{LIST}{key}/{rest}").status_code == 404


@pytest.mark.parametrize("rest", ["run/", "switch/", "delete/", "edit/"])
def test_a_stranger_changes_nothing(stranger_client, make_schedule, rest):
    schedule = make_schedule()
    response = stranger_client.post(page(schedule, rest), FILLED_IN | {"on": "0"})
    assert response["Location"].startswith("/accounts/sign-in/")
    schedule.refresh_from_db()
    assert (schedule.enabled, schedule.keep_last) == (True, None)
    assert not ScheduleRun.objects.exists()


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ 1 }}", "‮web", "%s%n"])
def test_a_hostile_name_is_only_shown(admin_client, engine, hostile):
    response = admin_client.post(NEW, FILLED_IN | {"name": hostile})
    if response.status_code == 302:
        for address in (LIST, response["Location"]):
            assert b"<script>alert" not in admin_client.get(address).content
    else:
        assert response.status_code == 422
