"""Lines from pieces, and their colours"""

import pytest

from containermonkey.problems import Invalid
from containers.logs.ansi import as_html, as_text
from containers.logs.lines import LONGEST_LINE, LineAssembler, parsed
from containers.logs.options import LogOptions
from containers.logs.reading import order, seconds_of


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 100])
def test_lines_that_are_cut_anywhere_are_put_together(cut):
    content = "T1 größe\nT2 \nT3 x\nrest".encode()
    assembler = LineAssembler()
    lines = []
    for start in range(0, len(content), cut):
        lines += assembler.feed(content[start : start + cut])
    assert [*lines, *assembler.rest()] == ["T1 größe".encode(), b"T2 ", b"T3 x", b"rest"]


@pytest.mark.parametrize("cut", [1000, 1 << 20])
def test_a_line_without_an_end_does_not_grow(cut):
    assembler = LineAssembler()
    content = b"x" * (1 << 20) + b"\nshort\n"
    lines = []
    for start in range(0, len(content), cut):
        lines += assembler.feed(content[start : start + cut])
        assert len(assembler._begun) <= LONGEST_LINE
    long, short = lines
    assert long.decode().endswith("… (cut)")
    assert len(long) < LONGEST_LINE + 20
    assert short == b"short"


def test_half_characters_are_harmless():
    line = parsed("stdout", b"2026-01-01T00:00:00Z \xc3(\xff")
    assert line.text == "�(�"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("\x1b[31mred\x1b[0m x", '<span class="f1">red</span> x'),
        ("\x1b[1;91;44mx", '<span class="b f9 g4">x</span>'),
        ("\x1b[38;5;196mx", '<span class="f9">x</span>'),
        ("\x1b[38;2;0;200;0mx", '<span class="f10">x</span>'),
        ("\x1b[31m<i>", '<span class="f1">&lt;i&gt;</span>'),
        ("\x1b[31mx\x1b[39my", '<span class="f1">x</span>y'),
        ("\x1b[38;5mx\x1b[38my\x1b[999999mz", "xyz"),
        ("a\x1b[2Jb\x1b[10;10Hc", "abc"),
        ("\x1b]0;title\x07x\x1b]8;;http://evil/\x1b\\y", "xy"),
        ("\x1b]52;c;ZXZpbA==\x07x", "x"),
        ("10 %\r50 %\r100 %\r", "100 %"),
        ("a\x00b\x07", "a�b�"),
        ("gpj\u202eexe", "gpj�exe"),
        ("half \x1b[", "half "),
        ("half \x1b", "half "),
    ],
)
def test_colours_come_through_and_nothing_else(text, html):
    assert as_html(text) == html


def test_text_has_no_escapes():
    assert as_text("\x1b[31mred\x1b[0m\x07") == "red�"


def test_times_are_in_order_although_zeros_are_left_out():
    times = [b"2026-01-01T00:00:00Z", b"2026-01-01T00:00:00.1Z", b"2026-01-01T00:00:00.12Z"]
    assert sorted(times, key=order) == times
    assert seconds_of("2026-01-01T00:00:00.12Z") == "1767225600.120000000"


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


@pytest.mark.parametrize("tail", ["-1", "x", "10001", "1e3", "٣"])
def test_what_is_no_number_of_lines_is_named(tail):
    with pytest.raises(Invalid) as caught:
        LogOptions.of({"tail": tail})
    assert "tail" in caught.value.fields
