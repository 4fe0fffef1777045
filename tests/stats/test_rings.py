"""stats.rings: a day in little memory"""

import math

from containers.stats import history
from stats import rings
from stats.rings import FIELDS, POINTS, SPANS, DayHistory, Ring

BEGIN = 1_800_000_000.0
CPU, MEMORY = 0, 1


def figures(cpu: float | None = 1.0) -> tuple[float | None, ...]:
    return (cpu, *[2.0] * 3, None, None)


def known(line: list[float]) -> list[float]:
    return [value for value in line if not math.isnan(value)]


def test_what_falls_into_one_slot_is_averaged():
    ring = Ring(10)
    for second, cpu in ((0, 10.0), (5, 20.0), (10, 70.0), (12, None)):
        ring.add(BEGIN + second, figures(cpu))
    line = ring.line(CPU, BEGIN + 12)
    assert len(line) == POINTS
    assert line[-2:] == [15.0, 70.0]
    assert known(line) == [15.0, 70.0]
    assert known(ring.line(4, BEGIN + 12)) == []


def test_the_oldest_gives_way_to_the_newest():
    ring = Ring(1)
    for second in range(150):
        ring.add(BEGIN + second, figures(float(second)))
    assert ring.line(CPU, BEGIN + 149) == [float(second) for second in range(90, 150)]


def test_a_time_in_which_nobody_looked_is_unknown():
    ring = Ring(1)
    ring.add(BEGIN, figures(1.0))
    ring.add(BEGIN + 30, figures(2.0))
    line = ring.line(CPU, BEGIN + 40)
    assert [index for index, value in enumerate(line) if value == value] == [19, 49]
    ring.add(BEGIN + 1000, figures(3.0))
    assert known(ring.line(CPU, BEGIN + 1000)) == [3.0]
    assert known(ring.line(CPU, BEGIN + 9999)) == []


def test_a_clock_that_is_set_back_breaks_nothing():
    ring = Ring(1)
    ring.add(BEGIN, figures(1.0))
    ring.add(BEGIN - 500, figures(3.0))
    assert known(ring.line(CPU, BEGIN)) == [2.0]
    assert len(ring.line(CPU, BEGIN - 500)) == POINTS


def test_each_span_reaches_as_far_as_it_says():
    history = DayHistory()
    for second in range(0, 86_400, 60):
        history.add(BEGIN + second, {"a": figures(second / 60)})
    now = BEGIN + 86_340
    for span, seconds in SPANS.items():
        line = history.lines("a", span, now)[CPU]
        first = known(line)[0]
        assert abs((1439 - first) * 60 - seconds) <= max(seconds / POINTS, 120)
    assert history.lines("a", "24h", now)[MEMORY][-1] == 2.0
    assert history.lines("b", "live", now) is None


def test_it_does_not_grow(monkeypatch):
    history = DayHistory()
    history.add(BEGIN, {"old": figures()})
    history.add(BEGIN + 86_500, {"new": figures()})
    assert history.lines("old", "24h", BEGIN + 86_500) is None
    monkeypatch.setattr(rings, "MOST_CONTAINERS", 3)
    history.add(BEGIN + 86_505, {str(number): figures() for number in range(10)})
    assert len(history) == 3


def test_nor_by_what_another_process_has_written(monkeypatch):
    monkeypatch.setattr(rings, "MOST_CONTAINERS", 3)
    here, there = DayHistory(), DayHistory()
    here.add(BEGIN, {f"here-{number}": figures() for number in range(3)})
    there.add(BEGIN + 5, {f"there-{number}": figures() for number in range(3)})
    here.take(BEGIN + 10, *there.packed())
    assert len(here) == 3
    assert here.lines("there-0", "24h", BEGIN + 10)


def test_what_is_kept_of_a_container_is_small():
    kept = sum(len(FIELDS) * POINTS * Ring(1).values[0].itemsize for _ in SPANS)
    assert kept < 8192


def test_of_as_many_containers_the_samples_are_kept_that_figures_are_made_of():
    assert history.MOST_CONTAINERS >= rings.MOST_CONTAINERS
