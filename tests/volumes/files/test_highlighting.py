"""Source texts with their words told apart."""

import html
import re
import subprocess

import pytest

from volumes.files import highlighting
from volumes.files.highlighting import highlighted, in_lines, numbers_of


def text_in(markup: str) -> str:
    return html.unescape(re.sub(r"</?span[^>]*>", "", markup))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("app.py", "def run():  # now\n    return 'x'\n", ["keyword", "name", "comment", "text"]),
        ("compose.yaml", "web:\n  port: 80 # one\n", ["keyword", "text", "comment"]),
        ("settings.json", '{"port": 80, "on": true}', ["keyword", "number"]),
        ("change.diff", "-old\n+new\n", ["removed", "added"]),
        ("start", "#!/bin/sh\nif true; then echo 'x'; fi\n", ["keyword", "text"]),
        ("Dockerfile", "FROM scratch\n# nothing\n", ["keyword", "comment"]),
    ],
)
def test_words_are_told_apart_by_the_name_of_the_file(name, text, words):
    found = highlighted(name, text)
    assert text_in(found) == text
    for word in words:
        assert f'<span class="w-{word}">' in found


@pytest.mark.parametrize("name", ["notes", "unknown.kind", "-rf", "", "x\ny", "..", "x.tar.gz"])
def test_what_is_in_no_language_is_shown_as_it_is(name):
    text = "\n\n def a < b & c \n\n"
    assert highlighted(name, text) == html.escape(text)


@pytest.mark.parametrize("name", ["x.html", "x.js", "x.py", "x.md", "x.diff", "x"])
def test_a_text_is_never_markup(name):
    text = "<script>alert('\"&')</script>\n# </pre><img src=x onerror=alert(1)>\n"
    found = highlighted(name, text)
    assert not re.sub(r'<span class="w-[a-z]+">|</span>', "", found).count("<")
    assert text_in(found) == text


@pytest.mark.parametrize("text", ["x = 1\n" * 60_000, "x = 1;" * 10_000])
def test_nothing_is_done_for_a_text_that_nobody_reads(monkeypatch, text):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a program was started"))
    assert highlighted("x.py", text) == html.escape(text)


def test_a_text_that_takes_too_long_is_shown_as_it_is(monkeypatch, tmp_path):
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass")
    monkeypatch.setattr(highlighting, "LEXING", endless)
    monkeypatch.setattr(highlighting, "PATIENCE", 0.3)
    assert highlighted("x.py", "if x: pass") == "if x: pass"


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "print('x')", 'print(\'[["", "y"]]\')'])
def test_a_program_that_fails_or_changes_the_text_is_not_believed(monkeypatch, tmp_path, program):
    (tmp_path / "broken.py").write_text(program)
    monkeypatch.setattr(highlighting, "LEXING", tmp_path / "broken.py")
    assert highlighted("x.py", "if x: pass") == "if x: pass"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("one", "1"),
        ("one\n", "1"),
        ("one\ntwo", "1\n2"),
        ("\n\n", "1\n2"),
        ("a\r\nb\rc\n", "1\n2\n3"),
    ],
)
def test_every_line_has_its_number(text, numbers):
    assert numbers_of(in_lines(text)) == numbers
