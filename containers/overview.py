"""What the list page shows: one group of states, the counts of the others, and last backups."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.paginator import Page, Paginator

from containermonkey import looks
from containermonkey.listing import NEVER, Group, in_order
from containermonkey.problems import EngineUnreachable
from containers.annotations import last_backups
from containers.queries import ALIVE, SORT_KEYS, all_containers, matching
from containers.types import Container
from engine.client import current_url

PAGE_SIZE = 100


@dataclass(frozen=True)
class Overview:
    """What is shown of how many (a page of it), and what can be chosen instead.

    With a `problem` the Engine does not answer, and everything is as it was at `seen_at`, which
    is None where nothing was ever seen.
    """

    containers: list[Container]
    page: Page
    total: int
    running: int
    groups: list[Group]
    stacks: list[str]
    last_backups: dict[str, datetime]
    problem: EngineUnreachable | None = None
    seen_at: datetime | None = None


def in_trouble(container: Container) -> bool:
    """Unhealthy, restarting again and again, dead, or ended by itself with an error."""
    look = looks.of_container(container.status, container.health, container.status_text)
    return container.status == "restarting" or look.tone in ("warn", "bad")


GROUPS: dict[str, tuple[str, Callable[[Container], bool]]] = {
    "": ("All", lambda container: True),
    "running": ("Running", lambda container: container.status in ALIVE),
    "stopped": ("Stopped", lambda container: container.status not in ALIVE),
    "trouble": ("Trouble", in_trouble),
}

_seen: dict[str, tuple[datetime, list[Container]]] = {}
"""The last answer of each Engine, to be shown while it does not answer."""


def overview(
    search: str = "", state: str = "", stack: str = "", sort: str = "name", page: str = "1"
) -> Overview:
    """A page of the containers of one group of states, with the counts of all groups.

    The counts are of what `search` and `stack` leave. An unknown state counts as all. While the
    Engine cannot be reached, the last answer is shown, and the problem with it.
    """
    seen_at, everything, problem = latest()
    backed_up = dict(last_backups())
    chosen = [container for container in everything if not stack or container.stack == stack]
    found = matching(chosen, search)
    _, belongs = GROUPS.get(state, GROUPS[""])
    keys = SORT_KEYS | {"backup": lambda container: backed_up.get(container.name, NEVER)}
    in_group = in_order([each for each in found if belongs(each)], sort, keys)
    shown = Paginator(in_group, PAGE_SIZE).get_page(page)
    return Overview(
        containers=list(shown),
        page=shown,
        total=len(everything),
        running=sum(1 for container in everything if container.status in ALIVE),
        groups=[
            Group(key, title, sum(1 for container in found if fits(container)))
            for key, (title, fits) in GROUPS.items()
        ],
        stacks=sorted({container.stack for container in everything if container.stack}),
        last_backups=backed_up,
        problem=problem,
        seen_at=seen_at,
    )


def latest() -> tuple[datetime | None, list[Container], EngineUnreachable | None]:
    """The containers now, or as they were when the Engine last answered."""
    try:
        now, everything = datetime.now(UTC), all_containers()
    except EngineUnreachable as problem:
        seen_at, known = _seen.get(current_url(), (None, []))
        return seen_at, known, problem
    _seen[current_url()] = now, everything
    return now, everything, None
