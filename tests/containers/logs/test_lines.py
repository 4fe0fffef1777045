"""Lines from pieces, and their colours"""

import pytest

from containers.logs.lines import LONGEST_LINE, PART, LineAssembler, joined, parsed
from containers.logs.newest import Newest


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 100])
def test_lines_that_are_cut_anywhere_are_put_together(cut):
    content = "T1 größe\nT2 \nT3 x\nrest".encode()
    assembler = LineAssembler("stdout")
    lines = []
    for start in range(0, len(content), cut):
        lines += assembler.feed(content[start : start + cut])
    texts = [line for _, line in [*lines, *assembler.rest()]]
    assert texts == ["T1 größe".encode(), b"T2 ", b"T3 x", b"rest"]


@pytest.mark.parametrize("cut", [1000, 1 << 20])
def test_a_line_without_an_end_does_not_grow(cut):
    assembler = LineAssembler("stdout")
    content = b"x" * (1 << 20) + b"\nshort\n"
    lines = []
    for start in range(0, len(content), cut):
        lines += assembler.feed(content[start : start + cut])
        assert len(assembler._begun) <= LONGEST_LINE
    long, short = (line for _, line in lines)
    assert long.decode().endswith("… (cut)")
    assert len(long) < LONGEST_LINE + 20
    assert short == b"short"


def test_half_characters_are_harmless():
    line = parsed("stdout", b"2026-01-01T00:00:00Z \xc3(\xff")
    assert line.text == "�(�"


def test_the_times_within_a_long_line_are_taken_out():
    time = b"2026-01-01T00:00:00.000000001Z "
    parts = [b"a" * PART, b"b" * PART, b"c" * 10]
    assert joined(b"".join(time + part for part in parts)) == time + b"".join(parts)
    assert joined(time + b"a" * PART * 2) == time + b"a" * PART * 2
    assert joined(b"x" * 2 * PART) == b"x" * 2 * PART


def said(*texts: str) -> list[tuple[str, bytes]]:
    return [("stdout", text.encode()) for text in texts]


def test_the_newest_are_kept_and_the_others_counted():
    newest = Newest(3)
    newest.add(said("1", "2"))
    newest.add(said("3", "4"))
    assert newest.take() == (said("2", "3", "4"), 1)
    assert not newest
    newest.add(said(*"56789"))
    assert newest.take() == (said("7", "8", "9"), 2)
    assert newest.take() == ([], 0)


def test_there_is_an_end_to_bytes_as_well():
    newest = Newest(100, most_bytes=10)
    newest.add(said("12345", "1234", "123456"))
    assert newest.take() == (said("1234", "123456"), 1)
    newest.add(said("x" * 11))
    assert newest.take() == ([], 1)


def test_none_are_kept_where_none_are_wanted():
    newest = Newest(0)
    newest.add(said("1", "2"))
    assert newest.take() == ([], 2)
