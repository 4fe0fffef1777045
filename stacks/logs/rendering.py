"""Lines of several containers as pieces of the page, as text, and as JSON."""

import json
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from containers.logs.ansi import as_html
from containers.logs.following import Delivery
from containers.logs.rendering import left_out, note_html
from stacks.logs.following import Heard
from stacks.logs.reading import Spoken


def line_html(spoken: Spoken, words: str = "") -> str:
    """A line of the page's list, with the name of its service."""
    speaker, line = spoken
    service = format_html(
        '<b class="service {}" title="{}">{}</b>', speaker.colour, speaker.name, speaker.service
    )
    is_error = line.stream == "stderr"
    stream = '<b class="stream">err</b>' if is_error else ""
    attributes = ' class="stderr"' if is_error else ""
    return (
        f"<li{attributes}><time>{escape(line.time[:23])}</time>"
        f"{service}{stream}<span>{as_html(line.text, words)}</span></li>"
    )


def lines_html(lines: Iterable[Spoken], words: str = "") -> SafeString:
    """The lines as elements of a list; where `words` are found, they are marked."""
    return mark_safe("".join([line_html(each, words) for each in lines]))  # noqa: S308 - escaped


def frame(heard: Heard, after: str, words: str = "") -> str:
    """What was heard for a page: `content` to be added, and up to where all is known."""
    parts = [note_html(note) for note in left_out(Delivery([], heard.left_out))]
    parts.append(lines_html(heard.lines, words))
    parts += [note_html(note) for note in heard.notes]
    return json.dumps({"content": "".join(parts), "after": after})


def json_lines(heard: Heard) -> list[str]:
    """The same for programs, each line as a JSON object; notes are of the stream `note`."""
    notes = [*left_out(Delivery([], heard.left_out)), *heard.notes]
    said = [
        *(
            {
                "service": speaker.service,
                "container": speaker.name,
                "stream": line.stream,
                "time": line.time,
                "line": line.text,
            }
            for speaker, line in heard.lines
        ),
        *({"stream": "note", "time": None, "line": note} for note in notes),
    ]
    return [json.dumps(each) for each in said]


def plain(lines: Iterable[Spoken], *, timestamps: bool) -> str:
    """Lines as text, each after its container's name."""
    return "".join(
        f"{speaker.name} | {f'{line.time} ' if timestamps else ''}{line.text}\n"
        for speaker, line in lines
    )
