"""When a cron expression falls due, across both changes of daylight saving time"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.schedules.plain import CRON, DAILY, HOURLY, MONTHLY, WEEKLY, in_words, plain_of
from backups.schedules.timing import checked_expression, checked_zone, next_slots
from containermonkey.problems import Invalid

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = datetime(2026, 3, 29, tzinfo=BERLIN)  # 02:00 to 03:00 is skipped
AUTUMN = datetime(2026, 10, 25, tzinfo=BERLIN)  # 02:00 to 03:00 comes twice


def slots_of_day(expression: str, day: datetime) -> list[datetime]:
    """All times of one day in Berlin, in UTC."""
    end = (day + timedelta(days=1)).astimezone(UTC)
    found = next_slots(expression, "Europe/Berlin", day - timedelta(seconds=1), 200)
    return [slot for slot in found if slot < end]


def local(slots: list[datetime]) -> list[str]:
    return [f"{slot.astimezone(BERLIN):%H:%M %Z}" for slot in slots]


def test_a_daily_run_in_the_hour_that_is_skipped_comes_once_right_after_it():
    assert local(slots_of_day("30 2 * * *", SPRING)) == ["03:00 CEST"]


def test_a_daily_run_in_the_hour_that_comes_twice_comes_once():
    assert local(slots_of_day("30 2 * * *", AUTUMN)) == ["02:30 CEST"]


def test_after_the_first_of_two_equal_times_the_next_run_is_tomorrow():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for minutes in (0, 1, 30, 40, 60, 89):
        [slot] = next_slots("30 2 * * *", "Europe/Berlin", first + timedelta(minutes=minutes), 1)
        assert slot == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_an_hourly_run_comes_in_every_hour_that_passes(day, hours):
    slots = slots_of_day("15 * * * *", day)
    assert len(slots) == hours
    assert {later - slot for slot, later in pairwise(slots)} == {timedelta(hours=1)}


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_other_times_of_these_days_are_not_touched(day):
    assert [text[:5] for text in local(slots_of_day("10 1,3,23 * * *", day))] == [
        *["01:10", "03:10", "23:10"]
    ]


def test_times_are_those_of_the_zone():
    winter = datetime(2026, 1, 10, tzinfo=UTC)
    assert next_slots("0 3 * * *", "Asia/Tokyo", winter, 1)[0].hour == 18
    assert next_slots("0 3 * * *", "UTC", winter, 1)[0].hour == 3


def test_where_day_and_weekday_are_both_given_either_will_do():
    slots = next_slots("0 0 13 * FRI", "UTC", datetime(2026, 2, 1, tzinfo=UTC), 5)
    assert [slot.day for slot in slots] == [6, 13, 20, 27, 6]


def test_where_one_of_them_begins_with_a_star_both_have_to_hold():
    slots = next_slots("0 0 */2 * MON", "UTC", datetime(2026, 2, 1, tzinfo=UTC), 2)
    assert [(slot.day, slot.weekday()) for slot in slots] == [(9, 0), (23, 0)]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        (" 5  4 * * mon-fri ", "5 4 * * MON-FRI"),
        ("@daily", "0 0 * * *"),
        ("@Hourly", "0 * * * *"),
        ("*/15 0-6,20 1 jan,JUL *", "*/15 0-6,20 1 JAN,JUL *"),
    ],
)
def test_an_expression_is_brought_into_one_form(text, expression):
    assert checked_expression(text) == expression


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("0 0 0 * * *", "five fields"),
        ("@reboot", "five fields"),
        ("60 * * * *", "the minute is not valid"),
        ("0 24 * * *", "the hour is not valid"),
        ("0 0 32 * *", "the day of the month is not valid"),
        ("0 0 * 13 *", "the month is not valid"),
        ("0 0 * * 8", "the day of the week is not valid"),
        ("*/0 * * * *", "the minute is not valid"),
        ("0 0 30 2 *", "the day of the month is not valid"),
        ("9" * 5000 + " * * * *", "five fields"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_reason(text, reason):
    with pytest.raises(Invalid, match=reason) as caught:
        checked_expression(text)
    assert set(caught.value.fields) == {"expression"}


@given(st.text(alphabet="0123456789*/,-L#WMONJAfr \u00b2\u0661", max_size=30))
def test_nothing_that_is_typed_is_more_than_invalid(text):
    try:
        expression = checked_expression(text)
    except Invalid:
        return
    moment = datetime(2026, 3, 29, tzinfo=UTC)
    slots = next_slots(expression, "Europe/Berlin", moment, 3)
    assert slots == sorted(set(slots))
    assert all(slot > moment for slot in slots)


@pytest.mark.parametrize("name", ["", "Berlin", "../Europe/Berlin", "Europe", "/etc/passwd", "\0"])
def test_what_is_no_time_zone_is_refused(name):
    with pytest.raises(Invalid):
        checked_zone(name)
    assert checked_zone("Europe/Berlin") == "Europe/Berlin"


@pytest.mark.parametrize(
    ("expression", "every", "words"),
    [
        ("5 * * * *", HOURLY, "Every hour at :05"),
        ("30 2 * * *", DAILY, "Every day at 02:30"),
        ("30 2 * * 7", WEEKLY, "Every Sunday at 02:30"),
        ("0 4 28 * *", MONTHLY, "On day 28 of every month at 04:00"),
        ("0 4 L * *", MONTHLY, "On the last day of every month at 04:00"),
        ("0 4 1 * 1", CRON, "Cron: 0 4 1 * 1"),
        ("0 4 * 2 *", CRON, "Cron: 0 4 * 2 *"),
        ("5 * 1 * *", CRON, "Cron: 5 * 1 * *"),
    ],
)
def test_plain_choices_are_known_again(expression, every, words):
    plain = plain_of(expression)
    assert (plain.every if plain else CRON) == every
    assert in_words(expression) == words
    if plain:
        assert plain.expression == expression.replace("7", "0")
