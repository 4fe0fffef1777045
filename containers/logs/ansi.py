"""Colours of a terminal as HTML; everything else that is meant for a terminal is taken out.

A log may come from anybody. What it may do to a page is choose among the classes below.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from containermonkey.unseen import UNSEEN

ESCAPES = re.compile(
    r"\x1b\[(?P<colours>[0-9;:]{0,100})m"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # cursor, erasing and the like
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links, and other strings
    r"|\x1b[ -/]*[0-~]?"
)
MOST_CHANGES = 200
"""Changes of colour, and words found, that are shown of a line: each is an element of the page."""

STYLES = {1: "b", 2: "dim", 3: "i", 4: "u"}
ENDS = {22: ("b", "dim"), 23: ("i",), 24: ("u",)}


Run = tuple[str, str]
"""A piece of text and the classes that it has."""


def as_html(text: str, words: str = "") -> SafeString:
    """A line with its colours as `<span class="f1 …">`, and nothing in it that acts.

    Where `words` are found, they are marked.
    """
    text = overwritten(text)
    if "\x1b" not in text and not words:
        return conditional_escape(visible(text))
    parts = runs(text)
    if words:
        parts = marked(parts, words)
    return mark_safe("".join([around(*part) for part in parts]))  # noqa: S308 - each is escaped


def runs(text: str) -> list[Run]:
    """The text without its escape sequences, cut where its colours change."""
    found, style, begin = [], Style(), 0
    for escape in islice(ESCAPES.finditer(text), MOST_CHANGES):
        found.append((text[begin : escape.start()], style.classes()))
        begin = escape.end()
        if escape["colours"] is not None:
            style = after(style, escape["colours"])
    found.append((ESCAPES.sub("", text[begin:]), style.classes()))
    return [run for run in found if run[0]]


def marked(parts: list[Run], words: str) -> list[Run]:
    """The same, with the class `hit` where the words are, across changes of colour too."""
    whole = "".join([text for text, _ in parts])
    matches = re.finditer(re.escape(words), whole, re.IGNORECASE)
    hits = [match.span() for match in islice(matches, MOST_CHANGES)]
    edges = {edge for hit in hits for edge in hit}
    begins = {begin for begin, _ in hits}
    found, place, in_hit = [], 0, False
    for text, classes in parts:
        end = place + len(text)
        inner = {edge for edge in edges if place < edge < end}
        for start, stop in pairwise(sorted({place, end} | inner)):
            if start in edges:
                in_hit = start in begins
            found.append((whole[start:stop], f"{classes} hit".strip() if in_hit else classes))
        place = end
    return found


def around(text: str, classes: str) -> str:
    text = conditional_escape(visible(text))
    if not classes:
        return text
    styles = classes.removesuffix("hit").strip()
    if styles != classes:
        text = f"<mark>{text}</mark>"
    return f'<span class="{styles}">{text}</span>' if styles else text


def as_text(text: str) -> str:
    """A line without anything that is meant for a terminal."""
    return visible(ESCAPES.sub("", overwritten(text)))


def overwritten(text: str) -> str:
    """What is left of a line that goes back to its beginning, as progress bars do."""
    return text.rstrip("\r").rpartition("\r")[2]


def visible(text: str) -> str:
    return UNSEEN.sub("�", text)


@dataclass(frozen=True)
class Style:
    """The colours and weights that hold from one place in a line to the next."""

    front: str = ""
    ground: str = ""
    weights: frozenset[str] = frozenset()

    def classes(self) -> str:
        return " ".join(filter(None, [*sorted(self.weights), self.front, self.ground]))


@lru_cache(maxsize=4096)
def after(style: Style, colours: str) -> Style:
    """The style after an escape sequence such as `1;31` or `38;5;196`."""
    codes = [int(code or 0) for code in re.split("[;:]", colours) if len(code) <= 3]
    front, ground, weights = style.front, style.ground, set(style.weights)
    while codes:
        code = codes.pop(0)
        if code == 0:
            front, ground, weights = "", "", set()
        elif code in STYLES:
            weights.add(STYLES[code])
        elif code in ENDS:
            weights.difference_update(ENDS[code])
        elif code == 39:
            front = ""
        elif code == 49:
            ground = ""
        elif code in (38, 48):
            number = mixed(codes)
            front, ground = (
                (colour("f", number), ground) if code == 38 else (front, colour("g", number))
            )
        elif 30 <= code <= 37 or 90 <= code <= 97:
            front = colour("f", code - 30 if code < 90 else code - 82)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            ground = colour("g", code - 40 if code < 100 else code - 92)
    return Style(front, ground, frozenset(weights))


def colour(kind: str, number: int | None) -> str:
    return "" if number is None else f"{kind}{number}"


def mixed(codes: list[int]) -> int | None:
    """Take a colour of 256 or of three bytes from the codes; the nearest of the sixteen."""
    kind = codes.pop(0) if codes else 0
    if kind == 5 and codes:
        return of_256(codes.pop(0))
    if kind == 2 and len(codes) >= 3:
        red, green, blue = codes[:3]
        del codes[:3]
        return nearest(red, green, blue)
    return None


def of_256(number: int) -> int:
    if number < 16:
        return number
    if number < 232:
        cube = number - 16
        red, green, blue = (
            0 if part == 0 else 55 + 40 * part for part in (cube // 36, cube // 6 % 6, cube % 6)
        )
        return nearest(red, green, blue)
    grey = 8 + 10 * (min(number, 255) - 232)
    return nearest(grey, grey, grey)


@lru_cache(maxsize=1024)
def nearest(red: int, green: int, blue: int) -> int:
    """Which of the sixteen comes nearest: which of the three lights are on, and how bright."""
    brightest = max(red, green, blue)
    if brightest < 64:
        return 0 if brightest < 32 else 8
    on = [part * 2 > brightest for part in (red, green, blue)]
    return on[0] + 2 * on[1] + 4 * on[2] + (8 if brightest > 191 else 0)
