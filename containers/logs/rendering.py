"""Lines of a log as pieces of the page, and as JSON."""

import json
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from containers.logs import position
from containers.logs.ansi import as_html
from containers.logs.following import UNCOUNTED, Delivery
from containers.logs.lines import Line


def line_html(line: Line, words: str = "") -> str:
    """A line of the page's list; standard error is marked by a word, too."""
    time = f"<time>{escape(line.time[:23])}</time>"
    text = f"<span>{as_html(line.text, words)}</span>"
    if line.stream == "stderr":
        return f'<li class="stderr">{time}<b class="stream">err</b>{text}</li>'
    return f"<li>{time}{text}</li>"


def lines_html(lines: Iterable[Line], words: str = "") -> SafeString:
    """The lines as elements of a list; where `words` are found, they are marked."""
    return mark_safe("".join([line_html(line, words) for line in lines]))  # noqa: S308 - escaped


def note_html(text: str) -> SafeString:
    """Something that is said about the log, in its place among the lines."""
    return format_html('<li class="note">{}</li>', text)


def left_out(delivery: Delivery) -> list[str]:
    """That lines are missing before those of the delivery, if they are."""
    count = delivery.left_out
    if count == UNCOUNTED:
        return ["… lines left out here: too many to be counted."]
    if not count:
        return []
    return [f"… {count:,} line{'' if count == 1 else 's'} left out here: too many to be shown."]


def frame(delivery: Delivery, words: str = "") -> str:
    """A delivery for a page: `content` to be added, and up to where the log is known (`after`)."""
    parts = [note_html(note) for note in left_out(delivery)]
    parts.append(lines_html(delivery.lines, words))
    if delivery.note:
        parts.append(note_html(delivery.note))
    after = position.as_word(delivery.position) if delivery.position else None
    return json.dumps({"content": "".join(parts), "after": after})


def json_lines(delivery: Delivery) -> list[str]:
    """The same for programs, each line as a JSON object; notes are of the stream `note`."""
    said = [
        *({"stream": "note", "time": None, "line": note} for note in left_out(delivery)),
        *({"stream": each.stream, "time": each.time, "line": each.text} for each in delivery.lines),
        *({"stream": "note", "time": None, "line": note} for note in [delivery.note] if note),
    ]
    return [json.dumps(each) for each in said]


def plain(lines: Iterable[Line], *, timestamps: bool) -> str:
    """Lines as text, for `GET /api/container/<id>/logs`."""
    texts = (f"{each.time} {each.text}" if timestamps else each.text for each in lines)
    return "".join([f"{text}\n" for text in texts])
