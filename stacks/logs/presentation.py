"""What the page of a stack's logs says."""

from collections.abc import Mapping
from typing import Any

from containers.logs import presentation as of_one
from containers.logs.options import DEFAULT_TAIL
from containers.logs.reading import Log
from stacks.logs.positions import as_word
from stacks.logs.rendering import lines_html
from stacks.logs.services import Shown


def context_of(asked: Mapping[str, str], shown: Shown) -> dict[str, Any]:
    """The variables of the page for logs and the words that they were asked for with."""
    lines = [line for _, line in shown.log.lines]
    services = shown.speakers.services
    return {
        "stack": shown.speakers.stack,
        "asked": {**asked, "tail": asked["tail"] or str(DEFAULT_TAIL)},
        "shown": shown,
        "services": [("", "All services"), *((name, name) for name in services)],
        "facts": of_one.facts(Log(lines, shown.log.left_out), asked["search"]),
        "lines": lines_html(shown.log.lines, shown.options.search),
        "after": as_word(shown.log.positions),
    }
