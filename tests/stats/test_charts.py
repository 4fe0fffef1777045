"""stats.charts: lines as paths"""

import math

import pytest

from stats import charts

NOBODY = math.nan


def line(*values: float) -> list[float]:
    return [*[NOBODY] * (charts.POINTS - len(values)), *values]


def test_a_line_goes_from_point_to_point():
    assert charts.path(line(0, 50, 100), 100) == "M57 97h0L58 50L59 3"


def test_points_of_one_height_are_one_stroke():
    assert charts.path(line(0, 0, 0, 0, 100), 100) == "M55 97h0H58L59 3"
    assert charts.path(line(0, 0, 0), 100) == "M57 97h0H59"


def test_it_breaks_off_where_nobody_looked():
    assert charts.path(line(0, 0, NOBODY, NOBODY, 0), 100) == "M55 97h0H56M59 97h0"


def test_one_slot_that_a_round_missed_is_bridged():
    assert charts.path(line(0, NOBODY, 100), 100) == "M57 97h0L59 3"


def test_nothing_known_is_no_line():
    assert charts.path(line(), 100) == ""


def test_what_is_above_the_scale_stays_in_the_picture():
    assert charts.path(line(500), 100) == "M59 3h0"


@pytest.mark.parametrize(
    ("most", "top"), [(0, 10), (9.9, 10), (26, 50), (100, 100), (101, 200), (750, 800)]
)
def test_the_scale_of_cpu(most, top):
    assert charts.cpu_top([line(most), line(0)]) == top


def test_the_scales_of_bytes_are_powers_of_two():
    assert charts.memory_top([line()]) == 1 << 20
    assert charts.memory_top([line(3 << 20), line(5 << 20)]) == 8 << 20
    assert charts.rate_top([line(999)]) == 1000
    assert charts.rate_top([line(1001)]) == 2000
