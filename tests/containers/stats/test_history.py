"""The samples of the last minutes, also while clocks are set."""

from datetime import UTC, datetime, timedelta

from containers.stats.formulas import Sample
from containers.stats.history import History

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sample(seconds: float, cpu: int) -> Sample:
    unknown = dict.fromkeys(
        (
            *("memory", "memory_limit", "network_rx", "network_tx"),
            *("block_read", "block_write", "pids"),
        )
    )
    return Sample(read_at=NOON + timedelta(seconds=seconds), cpu=cpu, **unknown)


def added(*samples: Sample) -> list[Sample]:
    history = History()
    for each in samples:
        history.add("web", each)
    return history.of("web")


def test_samples_follow_each_other():
    first, second = sample(0, 1), sample(5, 2)
    assert added(first, second) == [first, second]


def test_one_that_was_started_again_begins_anew():
    again = sample(10, 1)
    assert added(sample(0, 5), sample(5, 6), again) == [again]


def test_a_clock_that_is_set_back_does_not_stand_the_samples_still():
    after, next_one = sample(-3600, 7), sample(-3595, 8)
    assert added(sample(0, 5), sample(5, 6), after, next_one) == [after, next_one]


def test_nor_those_of_a_container_that_does_nothing():
    after, next_one = sample(-3600, 5), sample(-3595, 5)
    assert added(sample(0, 5), sample(5, 5), after, next_one) == [after, next_one]


def test_two_that_come_in_the_wrong_order_end_nothing():
    first, second = sample(0, 5), sample(5, 5)
    assert added(first, second, sample(4.5, 5)) == [first, second]
