from datetime import UTC, datetime, timedelta

import pytest

from containermonkey import figures

NOW = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (902 * 1024**2, "902 MiB"),
        (1024**3 - 1, "1 GiB"),
        (1825361101, "1.7 GiB"),
        (99.96 * 1024**3, "100 GiB"),
        (3 * 1024**5, "3 PiB"),
        (5000 * 1024**5, "5000 PiB"),
    ],
)
def test_size(amount, text):
    assert figures.size(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "–"), (0, "0 B/s"), (999.6, "1 kB/s"), (12_400, "12.4 kB/s"), (212e6, "212 MB/s")],
)
def test_rate(amount, text):
    assert figures.rate(amount) == text


def test_a_part_is_told_in_the_unit_of_the_whole():
    assert figures.part_of(512 * 1024**2, 6.6 * 1024**3) == "0.5 of 6.6 GiB"
    assert figures.part_of(512, None) == "512 B"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (None, "–"),
        (-3, "0 s"),
        (0, "0 s"),
        (1.84, "1.8 s"),
        (8, "8 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (95, "1 min 35 s"),
        (41 * 60 + 5, "41 min"),
        (3600, "1 h"),
        (3 * 3600 + 60, "3 h 1 min"),
        (timedelta(days=3, hours=4, minutes=9), "3 d 4 h"),
    ],
)
def test_duration(length, text):
    assert figures.duration(length) == text


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=40), "40 s ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=2, minutes=50), "2 h ago"),
        (timedelta(days=13), "13 d ago"),
        (timedelta(days=15), "8 Nov 2025"),
        (-timedelta(minutes=5), "in 5 min"),
    ],
)
def test_ago(before, text):
    assert figures.ago(NOW - before, NOW) == text


def test_a_moment_is_told_in_utc():
    assert figures.moment(NOW) == "23 Nov 2025, 12:00 UTC"


def test_time_left():
    assert figures.time_left(None) == ""
    assert figures.time_left(0.2) == "about 1 s left"
    assert figures.time_left(11.6) == "about 12 s left"


def test_how_many_of_what():
    assert [figures.counted(number, "image") for number in (0, 1, 2)] == [
        "0 images",
        "1 image",
        "2 images",
    ]
