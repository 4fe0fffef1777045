"""stats.overview: which containers are shown in which order, and the sums"""

import math

import pytest

from stats.overview import overview
from tests.stats.conftest import used


def names(sort: str = "", search: str = "", state: str = "") -> list[str]:
    seen = overview(search, state, sort, "live", "1")
    return [each.usage.container.name for each in seen.drawn]


@pytest.fixture(autouse=True)
def _some(shown):
    shown(
        used("b", cpu_percent=2.0, memory_usage=10, pids=7, rates=(1.0, 1.0, None, None)),
        used("A", cpu_percent=9.0, memory_usage=30, pids=1, rates=(0.0, 5.0, 4.0, None)),
        used("c", state="exited"),
        used("d", state="paused", cpu_percent=0.0, memory_usage=20, pids=2),
    )


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", "Abdc"),
        ("nonsense", "Abdc"),
        ("-cpu", "Abdc"),
        ("cpu", "dbAc"),
        ("-memory", "Adbc"),
        ("-network", "Abcd"),
        ("-block", "Abcd"),
        ("pids", "Adbc"),
        ("name", "Abcd"),
        ("-name", "dcbA"),
        ("state", "Abdc"),
    ],
)
def test_the_order_is_chosen_and_what_is_unknown_comes_last(sort, order):
    assert "".join(names(sort)) == order


def test_all_words_have_to_be_found():
    assert names(search="nginx B") == ["b"]
    assert names(search="nothing") == []


def test_states_have_their_counts():
    seen = overview("", "running", "name", "live", "1")
    assert [each.usage.container.name for each in seen.drawn] == ["A", "b", "d"]
    assert [(group.key, group.count) for group in seen.groups][:3] == [
        *(("", 4), ("running", 3), ("stopped", 1)),
    ]
    assert (seen.total, seen.running) == (4, 3)


def test_sums_are_of_what_is_known():
    seen = overview("", "", "", "live", "1")
    assert seen.sums == [11.0, 60, 1.0, 6.0, 4.0, None]
    assert [line[-1] for line in seen.sum_lines[:5]] == [11.0, 60.0, 1.0, 6.0, 4.0]
    assert math.isnan(seen.sum_lines[5][-1])
    assert all(math.isnan(value) for value in seen.sum_lines[0][:-1])


def test_what_was_never_read_has_no_lines():
    drawn = {each.usage.container.name: each.lines for each in overview(*("",) * 5).drawn}
    assert drawn["c"] is None
    assert drawn["d"] is not None
