"""What may be asked of a log, and where one who comes back goes on"""

import pytest

from containermonkey.problems import Invalid
from containers.logs import position
from containers.logs.lines import Line
from containers.logs.options import LogOptions

EARLY, LATE = "2026-01-01T00:00:00.100000000Z", "2026-01-01T00:00:01.000000002Z"


def test_a_position_goes_out_and_comes_back():
    known = position.advanced(
        {"stderr": EARLY}, [Line("stdout", LATE, "x"), Line("stdout", "?", "")]
    )
    assert known == {"stderr": EARLY}
    known = position.advanced(known, [Line("stdout", EARLY, "x"), Line("stdout", LATE, "y")])
    assert known == {"stderr": EARLY, "stdout": LATE}
    assert position.of_word(position.as_word(known)) == known
    assert position.of_word("") == {}


def test_a_time_alone_is_one_of_both_streams():
    assert position.of_word(LATE) == {"stdout": LATE, "stderr": LATE}


def test_the_engine_is_asked_from_a_little_before():
    assert position.since({"stderr": EARLY, "stdout": LATE}) == "1767225600.000000002"


@pytest.mark.parametrize("word", ["x", "stdin=" + LATE, LATE + ",", "2026-13-01T00:00:00Z"])
def test_what_is_no_position_is_named(word):
    with pytest.raises(Invalid) as caught:
        LogOptions.of({"after": word})
    assert "after" in caught.value.fields


def test_times_are_in_order_although_zeros_are_left_out():
    times = [b"2026-01-01T00:00:00Z", b"2026-01-01T00:00:00.1Z", b"2026-01-01T00:00:00.12Z"]
    assert sorted(times, key=position.order) == times


@pytest.mark.parametrize(
    ("since", "seconds"),
    [("", ""), ("1767225600", "1767225600"), ("2026-01-01T00:00", "1767225600.000000")],
)
def test_times_may_be_written_in_several_ways(since, seconds):
    assert LogOptions.of({"since": since}).since == seconds


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("text", ["yesterday", "10x", "9" * 40, "2026-13-01", "-5", "٣"])
def test_what_is_no_time_is_named(field, text):
    with pytest.raises(Invalid) as caught:
        LogOptions.of({field: text})
    assert field in caught.value.fields


@pytest.mark.parametrize("tail", ["-1", "x", "5001", "1e3", "٣"])
def test_what_is_no_number_of_lines_is_named(tail):
    with pytest.raises(Invalid) as caught:
        LogOptions.of({"tail": tail})
    assert "tail" in caught.value.fields
