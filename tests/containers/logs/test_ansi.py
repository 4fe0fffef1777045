"""Colours of a terminal, and what else a line may hold"""

import time

import pytest

from containers.logs.ansi import as_html, as_text


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


@pytest.mark.parametrize(
    ("text", "words", "html"),
    [
        ("an Error here", "error", "an <mark>Error</mark> here"),
        ("a<b>a", "<b>", "a<mark>&lt;b&gt;</mark>a"),
        (
            "\x1b[31mred\x1b[0m x",
            "d x",
            '<span class="f1">re</span><span class="f1"><mark>d</mark></span><mark> x</mark>',
        ),
        ("aaaa", "aa", "<mark>aa</mark><mark>aa</mark>"),
        ("a.c abc", "a.c", "<mark>a.c</mark> abc"),
        ("nothing", "else", "nothing"),
    ],
)
def test_what_was_searched_is_marked(text, words, html):
    assert as_html(text, words) == html


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a" * 16_000, "a"),
        ("a" * 16_000, "a" * 299 + "b"),
        ("\x1b[31ma" * 3000, "a"),
        ("\x1b[" * 8000, ""),
        ("\x1b]" * 8000, ""),
        ("\r" * 16_000, ""),
        ("\x1b[" + "3" * 16_000, ""),
        ("\x1b[" + ";" * 16_000 + "m", ""),
    ],
)
def test_no_line_takes_long_or_makes_many_elements(text, words):
    begin = time.thread_time()  # of ours alone, whatever else the machine does
    html = as_html(text, words)
    assert time.thread_time() - begin < 0.2
    assert html.count("<span") <= 500
