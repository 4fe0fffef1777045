"""Source texts with their words told apart, within bounded time."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

logger = logging.getLogger(__name__)

LEXING = Path(__file__).with_name("lexing.py")

LARGEST = 256 << 10
"""Letters of a text whose words are told apart: each of them becomes an element of the page."""

LONGEST_LINE = 5000
"""Letters of a line in a text that people wrote."""

PATIENCE = 2.0
"""Seconds after which a text is shown as it is."""

at_once = BoundedSemaphore(2)


def in_lines(text: str) -> str:
    """A text whose lines end as those of a page do."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def numbers_of(text: str) -> str:
    """The numbers of the lines, one a line."""
    count = text.count("\n") + (not text.endswith("\n"))
    return "\n".join(map(str, range(1, count + 1)))


def highlighted(name: str, text: str) -> SafeString:
    """A text as HTML, the words of a language that is known by the file's name in classes."""
    words = words_of(name, text) if is_for_people(text) else [("", text)]
    return format_html_join("", "{}", ((word_of(kind, word),) for kind, word in words))


def word_of(kind: str, word: str) -> str:
    return format_html('<span class="w-{}">{}</span>', kind, word) if kind else word


def is_for_people(text: str) -> bool:
    """Whether a text is neither so large nor in such long lines that nobody reads it."""
    return len(text) <= LARGEST and max(map(len, text.split("\n"))) <= LONGEST_LINE


def words_of(name: str, text: str) -> list[tuple[str, str]]:
    """The words with their kinds; the text as one where that takes too long or fails."""
    command = [sys.executable, "-I", str(LEXING), name]
    try:
        with at_once:
            done = subprocess.run(
                command, input=text.encode(), capture_output=True, timeout=PATIENCE, check=True
            )
        words = [(str(kind), str(word)) for kind, word in json.loads(done.stdout)]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        logger.warning("A file of a volume is shown without colours: %s", type(error).__name__)
        return [("", text)]
    # Some lexers leave letters out; then it would be another text.
    return words if "".join(word for _, word in words) == text else [("", text)]
