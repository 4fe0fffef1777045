import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.archive.errors import DamagedArchive
from backups.archive.listing import HEADING, escape, lines_of, locate, page_of, unescape


@given(st.binary())
def test_every_name_comes_back(name):
    spelled = escape(name)
    assert unescape(spelled) == name
    assert spelled.decode().isprintable() or not {"\t", "\n", "\0"} & set(spelled.decode())


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="\\")))
def test_a_plain_name_is_spelled_as_it_is(name):
    assert escape(name.encode()) == name.encode()


def test_letters_of_other_languages_stay_and_what_turns_text_around_does_not():
    assert escape("größe 大小".encode()) == "größe 大小".encode()
    assert escape("\u202egnp.exe".encode()) == b"\\xe2\\x80\\xaegnp.exe"
    assert escape(b"\xff\\") == b"\\xff\\\\"


@given(st.integers(1, 50))
def test_lines_are_the_same_in_whatever_pieces_they_come(size):
    text = HEADING + b"1\tf\n2\tf\n"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(lines_of(pieces)) == [b"1\tf", b"2\tf"]


def test_a_line_without_end_is_refused():
    with pytest.raises(DamagedArchive, match="line without end"):
        list(lines_of([HEADING, b"x" * (1 << 20), b"x"]))
    with pytest.raises(DamagedArchive, match="cut short"):
        list(lines_of([HEADING, b"x"]))


@pytest.mark.parametrize(
    "line",
    [
        b"x\tf\t1\t644\t0\t0\t0\t/a\t",
        b"1\tz\t1\t644\t0\t0\t0\t/a\t",
        b"1\tf\t1\t999\t0\t0\t0\t/a\t",
        b"1\tf\t1\t644\t0\t0\tnan?\t/a\t",
        b"1\tf\t1\t644\t0\t0\t0\t/\xff\t",
        b"1\td\t1\t644\t0\t0\t0\t/..\t",
        b"1\td\t1\t644\t0\t0\t0\t/.\\x2e\t",
        b"1\tf",
    ],
)
def test_a_line_with_a_wrong_column_is_refused(line):
    with pytest.raises(DamagedArchive, match="a line that is none"):
        page_of([line])


@pytest.mark.parametrize("path", ["/../up", "/a/../../up", "/a/./b", "/a//b", "/a/.\\x2e/b"])
def test_a_path_that_leads_elsewhere_than_down_is_not_located(path):
    line = b"1\th\t1\t644\t0\t0\t0\t" + path.encode() + b"\t/good"
    with pytest.raises(DamagedArchive, match="a line that is none"):
        locate([line], [path], 2)


def test_a_path_that_cannot_be_spelled_is_not_listed():
    line = b"1\tf\t1\t644\t0\t0\t0\t/a\t"
    assert page_of([line], os.fsdecode(b"/\xff")).total == 0
    assert page_of([line], "").total == 1
