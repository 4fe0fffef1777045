"""The rule that says which backups stay"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from backups.retention.rules import Item, Rules, verdicts

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def item(age: float, **values) -> Item:
    """A good backup made `age` days ago."""
    return Item(f"web_{age}.tar.gz", NOW - timedelta(days=age), **values)


def kept(items, rules, zone=UTC) -> list[str]:
    return [found.item.filename for found in verdicts(items, rules, zone, NOW) if found.keep]


def names(*ages: float) -> list[str]:
    return [item(age).filename for age in ages]


DAILY = [item(age) for age in range(400)]


def test_without_rules_everything_stays():
    assert len(kept(DAILY, Rules())) == 400


def test_the_last_ones_stay_by_count():
    assert kept(DAILY, Rules(last=3)) == names(0, 1, 2)


def test_those_of_the_last_days_stay():
    assert kept(DAILY, Rules(days=7)) == names(0, 1, 2, 3, 4, 5, 6)


def test_days_are_counted_from_the_newest_so_that_a_pause_deletes_nothing():
    old = [item(age) for age in (100, 101, 102, 110)]
    assert kept(old, Rules(days=7)) == names(100, 101, 102)


def test_of_each_day_the_newest_stays():
    twice_a_day = [item(age) for age in (0, 0.3, 1, 1.3, 2, 2.3)]
    assert kept(twice_a_day, Rules(daily=2)) == names(0, 1)


def test_periods_without_a_backup_are_not_counted():
    assert kept([item(0), item(40), item(200)], Rules(daily=2)) == names(0, 40)


def test_a_day_is_one_of_the_time_zone():
    late = Item("late", datetime(2026, 6, 14, 22, 30, tzinfo=UTC))  # past midnight in Berlin
    early = Item("early", datetime(2026, 6, 14, 21, 30, tzinfo=UTC))
    assert kept([late, early], Rules(daily=2), UTC) == ["late"]
    assert kept([late, early], Rules(daily=2), BERLIN) == ["late", "early"]


def test_what_one_rule_keeps_stays_whatever_the_others_say():
    found = verdicts(DAILY, Rules(last=2, daily=3, weekly=2, monthly=3, yearly=2), UTC, NOW)
    stays = {each.item.filename: each.reasons for each in found if each.keep}
    # The 15th of June 2026 is a Monday: the week before ended on the 14th.
    assert list(stays) == names(0, 1, 2, 15, 46, 166)
    assert stays[item(1).filename] == ("one of the last 2", "day 2 of 3", "week 2 of 2")
    assert stays[item(15).filename] == ("month 2 of 3",)
    assert stays[item(166).filename] == ("year 2 of 2",)


def test_one_that_is_not_verified_takes_no_place_and_is_left_alone():
    found = [item(0, good=False), item(1), item(2, good=False), item(3), item(4)]
    assert kept(found, Rules(last=2)) == names(0, 1, 2, 3)


def test_nothing_goes_while_none_is_good():
    assert len(kept([item(age, good=False) for age in range(9)], Rules(last=1))) == 9


def test_the_newest_good_one_stays_though_a_newer_one_is_not_good():
    found = verdicts([item(0, good=False), item(5), item(6)], Rules(last=1), UTC, NOW)
    assert [each.keep for each in found] == [True, True, False]
    assert found[1].reasons == ("the newest good one", "the last one")


def test_what_must_not_be_touched_stays_with_its_reason():
    found = verdicts([item(0), item(1, untouchable="it is in use")], Rules(last=1), UTC, NOW)
    assert found[1].keep
    assert found[1].reasons == ("it is in use",)


def test_one_made_under_a_wrong_clock_neither_goes_nor_makes_others_go():
    found = verdicts([item(-1500), item(0), item(1), item(9)], Rules(days=7), UTC, NOW)
    assert [each.keep for each in found] == [True, True, True, False]
    assert found[0].reasons == ("it is dated in the future",)


ITEMS = st.lists(
    st.builds(
        item,
        st.integers(-20, 4000).map(lambda hours: hours / 6),
        good=st.booleans(),
        untouchable=st.sampled_from(["", "", "", "it is in use"]),
    ),
    unique_by=lambda each: each.created,
    max_size=60,
)
COUNT = st.none() | st.integers(1, 20)
RULES = st.builds(Rules, *[COUNT] * 6)
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("Pacific/Kiritimati")])


@given(ITEMS, RULES, ZONES)
def test_the_newest_good_one_is_never_deleted_and_older_than_what_goes(items, rules, zone):
    found = verdicts(items, rules, zone, NOW)
    gone = [each.item for each in found if not each.keep]
    good = [each.created for each in items if each.good and each.created <= NOW]
    assert len(found) == len(items)
    assert all(each.created < max(good) for each in gone)
    assert all(each.good and not each.untouchable for each in gone)
    assert all(each.reasons for each in found)


@given(ITEMS, RULES, ZONES, st.sampled_from(list(vars(Rules()))))
def test_a_rule_that_keeps_more_deletes_none_that_stayed_before(items, rules, zone, name):
    more = replace(rules, **{name: (getattr(rules, name) or 0) + 1})
    if rules.any:
        assert set(kept(items, rules, zone)) <= set(kept(items, more, zone))


@given(ITEMS, RULES, ZONES)
def test_doing_it_again_deletes_nothing_more(items, rules, zone):
    stayed = [each.item for each in verdicts(items, rules, zone, NOW) if each.keep]
    assert kept(stayed, rules, zone) == [each.filename for each in stayed]


@given(ITEMS, RULES, ZONES, st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_does_not_matter(items, rules, zone, random):
    mixed = random.sample(items, len(items))
    assert verdicts(items, rules, zone, NOW) == verdicts(mixed, rules, zone, NOW)


@given(ITEMS, st.integers(1, 20))
def test_by_count_exactly_so_many_good_ones_stay(items, count):
    found = verdicts(items, Rules(last=count), UTC, NOW)
    counted = [each for each in found if each.item.good and each.item.created <= NOW]
    chosen = [each for each in counted if each.keep and not each.item.untouchable]
    untouchable_beyond = sum(1 for each in counted[count:] if each.item.untouchable)
    assert sum(each.keep for each in counted) == min(count, len(counted)) + untouchable_beyond
    assert all(each in counted[:count] for each in chosen)
