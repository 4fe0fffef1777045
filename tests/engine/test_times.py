"""engine.times: what the Engine says of when"""

from datetime import UTC, datetime

import pytest

from engine.times import moment


def test_a_time_with_nanoseconds_is_understood():
    assert moment("2026-03-01T12:00:05.123456789Z") == datetime(
        *(2026, 3, 1, 12, 0, 5, 123456), tzinfo=UTC
    )
    assert moment("2026-03-01T13:00:05+01:00") == datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "0001-01-01T00:00:00Z", "yesterday"])
def test_what_is_no_time_is_none(text):
    assert moment(text) is None
