"""How events look: a tone for what it means, an icon for what it is about, a way to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from containermonkey.looks import STOPPED_ON_PURPOSE, Look
from system.events.services import Asked, Known, matching
from system.events.types import Event

PAGE_SIZE = 100

ENDS = {"destroy", "delete", "remove", "prune"}

GOOD = {"start", "unpause", "health_status: healthy"}
QUIET = {"stop", "die", "pause", "unmount", "disconnect", "attach", "detach", "top", "untag"}
BAD = {"oom", "health_status: unhealthy"}

COMMON = {
    *("create", "start", "stop", "restart", "die", "kill", "oom", "pause", "unpause", "rename"),
    *("health_status", "destroy", "pull", "tag", "delete", "connect", "disconnect", "mount"),
}
"""Actions that can be chosen before any of them has happened: the choice does not follow."""

OF_TYPE = {
    "container": Look("Container", "idle", icon="cube"),
    "image": Look("Image", "idle", icon="package"),
    "volume": Look("Volume", "idle", icon="hard-drives"),
    "network": Look("Network", "idle", icon="graph"),
    "daemon": Look("Engine", "idle", icon="computer-tower"),
    "plugin": Look("Plugin", "idle", icon="plug"),
    "service": Look("Service", "idle", icon="stack"),
    "node": Look("Node", "idle", icon="desktop"),
    "secret": Look("Secret", "idle", icon="key"),
    "config": Look("Config", "idle", icon="file-text"),
}

PAGES = {
    "container": "containers:detail",
    "image": "images:detail",
    "volume": "volumes:detail",
    "network": "networks:detail",
}

SPANS = {"": "Any time", "15m": "15 min", "1h": "1 h", "6h": "6 h", "24h": "1 day"}
"""What can be chosen with one press: from so long ago until now."""


@dataclass(frozen=True)
class Shown:
    """An event with all that a page says of it; `url` is empty where there is nothing any more."""

    event: Event
    look: Look
    about: Look
    details: str
    url: str


@dataclass(frozen=True)
class Overview:
    """A page of the events that fit, and how many there are; `oldest` of all that are known."""

    rows: list[Shown]
    page: Page
    known: Known
    found: int
    oldest: Event | None
    selects: list[dict[str, Any]]


def overview(known: Known, asked: Asked, page: str) -> Overview:
    found = matching(known.events, asked)
    shown = Paginator(found, PAGE_SIZE).get_page(page)
    gone, names = gone_by_now(known.events), names_of(known.events)
    return Overview(
        rows=[row_of(event, gone, names) for event in shown],
        page=shown,
        known=known,
        found=len(found),
        oldest=known.events[-1] if known.events else None,
        selects=selects(known.events, asked),
    )


def newest(known: Known, most: int) -> list[Shown]:
    """The last things that happened."""
    gone, names = gone_by_now(known.events), names_of(known.events)
    return [row_of(event, gone, names) for event in known.events[:most]]


def row_of(event: Event, gone: set[tuple[str, str]], names: dict[str, str]) -> Shown:
    return Shown(event, look_of(event), about_of(event), details_of(event, names), way(event, gone))


def look_of(event: Event) -> Look:
    if event.action in BAD or (event.verb == "die" and failed(event)):
        return Look(event.action, "bad", icon="x-circle")
    if event.action in GOOD:
        return Look(event.action, "ok", icon="check-circle")
    if event.verb in ENDS or event.verb == "kill":
        return Look(event.action, "warn", icon="warning")
    return Look(event.action, "idle" if event.verb in QUIET else "info", icon="info")


def failed(event: Event) -> bool:
    """Whether a container ended by itself with an error."""
    code = event.attributes.get("exitCode", "0")
    return not code.isdigit() or int(code) not in STOPPED_ON_PURPOSE


def about_of(event: Event) -> Look:
    return OF_TYPE.get(event.type) or Look(event.type.capitalize(), "idle", icon="question")


def details_of(event: Event, names: dict[str, str]) -> str:
    """What is worth saying beside name and action."""
    said = event.attributes
    other = said.get("container", "")
    found = [
        f"exit code {said['exitCode']}" if "exitCode" in said else "",
        f"signal {said['signal']}" if "signal" in said else "",
        f"before {said['oldName'].removeprefix('/')}" if "oldName" in said else "",
        f"container {names.get(other, other[:12])}" if other else "",
        f"at {said['destination']}" if "destination" in said else "",
        said.get("image", "") if event.type == "container" else "",
    ]
    return " · ".join(filter(None, found))


def way(event: Event, gone: set[tuple[str, str]]) -> str:
    """The page of what an event is about; nothing where it has none, or is gone."""
    view = PAGES.get(event.type)
    if view is None or not event.actor_id or (event.type, event.actor_id) in gone:
        return ""
    try:
        return reverse(view, args=[event.actor_id])
    except NoReverseMatch:  # drivers of volumes take names that no address can have
        return ""


def gone_by_now(newest_first: Iterable[Event]) -> set[tuple[str, str]]:
    """What was deleted and not made again since, by type and id."""
    gone, seen = set(), set()
    for event in newest_first:
        thing = event.type, event.actor_id
        if thing not in seen and event.verb in ENDS:
            gone.add(thing)
        seen.add(thing)
    return gone


def names_of(newest_first: Iterable[Event]) -> dict[str, str]:
    """The names that containers had last, by their ids."""
    names: dict[str, str] = {}
    for event in newest_first:
        if event.type == "container":
            names.setdefault(event.actor_id, event.name)
    return names


def spans(query: QueryDict) -> list[dict[str, Any]]:
    """The tabs of the spans; each keeps what else is asked for."""
    chosen = query.get("since", "") if not query.get("until") else None
    return [
        {"label": label, "url": with_span(query, span), "current": span == chosen}
        for span, label in SPANS.items()
    ]


def with_span(query: QueryDict, span: str) -> str:
    kept = query.copy()
    for name in ("since", "until", "page"):
        kept.pop(name, None)
    if span:
        kept["since"] = span
    return f"{reverse('events:list')}?{kept.urlencode()}"


def selects(events: list[Event], asked: Asked) -> list[dict[str, Any]]:
    seen = {event.type for event in events}, {event.verb for event in events}
    types = [*OF_TYPE, *sorted((seen[0] | {asked.type}) - {"", *OF_TYPE})]
    actions = sorted((seen[1] | COMMON | {asked.action}) - {""})
    type_words = [(each, OF_TYPE[each].word if each in OF_TYPE else each) for each in types]
    return [
        select("type", "Kind", [("", "Every kind"), *type_words], asked.type),
        select(
            *("action", "Action"),
            [("", "Every action"), *((each, each) for each in actions)],
            asked.action,
        ),
    ]


def select(name: str, label: str, options: list[tuple[str, str]], value: str) -> dict[str, Any]:
    return {"name": name, "label": label, "options": options, "value": value}
