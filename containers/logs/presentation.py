"""What the page of a log says."""

from collections.abc import Mapping
from typing import Any

from containers.logs import position
from containers.logs.options import DEFAULT_TAIL
from containers.logs.reading import NEWEST_LOST, Log
from containers.logs.rendering import lines_html
from containers.logs.services import Shown


def context(asked: Mapping[str, str], shown: Shown) -> dict[str, Any]:
    """The variables of the page for a log and the words that it was asked for with."""
    lines = shown.log.lines
    return {
        "asked": {**asked, "tail": asked["tail"] or str(DEFAULT_TAIL)},
        "shown": shown,
        "facts": facts(shown.log, asked["search"]),
        "lines": lines_html(lines, shown.options.search),
        "after": position.as_word(position.advanced({}, lines)),
    }


def facts(log: Log, search: str) -> str:
    """How many lines there are, and whether the newest could not be read, as sentences."""
    return f"{count_of(log, search)} {NEWEST_LOST}" if log.lost else count_of(log, search)


def count_of(log: Log, search: str) -> str:
    """How many lines there are, as a sentence."""
    lines, total = len(log.lines), len(log.lines) + log.left_out
    if not search:
        return f"{lines:,} line{'' if lines == 1 else 's'}."
    if not total:
        return f"Nothing found for “{search}”."
    found = f"{total:,} line{'' if total == 1 else 's'} found for “{search}”"
    return f"{found}; the last {lines:,} are shown." if log.left_out else f"{found}."
