"""What happened on the Docker host: searched, filtered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from accounts.masks import hides_secrets, visible_pairs
from containermonkey.asked_times import seconds_in, wrong
from containermonkey.problems import EngineUnreachable, Invalid
from engine.times import NANOSECONDS
from system.events.feed import feed, fetch_past
from system.events.store import current_store
from system.events.types import Event


@dataclass(frozen=True)
class Asked:
    """Which events; what is empty or None is not chosen among. Times in nanoseconds since 1970."""

    search: str = ""
    type: str = ""
    action: str = ""
    since: int | None = None
    until: int | None = None

    @classmethod
    def of(cls, search: str, type: str, action: str, since: str, until: str) -> "Asked":
        """Of words: `2026-03-01T12:00`, seconds since 1970, or `10m`, which is ten minutes ago.

        Raise Invalid with what is at fault, also where `until` is before `since`.
        """
        begin, end = moment("since", since), moment("until", until)
        if begin is not None and end is not None and end < begin:
            raise wrong("until", "must not be before since")
        return cls(search, type, action, begin, end)


@dataclass(frozen=True)
class Read:
    """What a page was asked for; times that make no sense are left out, and in `fields`."""

    asked: Asked
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """The newest events first. With a `problem` the Engine does not answer, and they are those of
    before `heard_at`, which is None where it never did."""

    events: list[Event]
    problem: EngineUnreachable | None = None
    heard_at: datetime | None = None


def read(words: Mapping[str, str]) -> Read:
    """The words of a form, for a page that has to come whatever they are."""
    try:
        return Read(Asked.of(**words))
    except Invalid as problem:
        return Read(Asked(words["search"], words["type"], words["action"]), problem.fields)


def moment(name: str, text: str) -> int | None:
    seconds = seconds_in(name, text[:64])
    return int(float(seconds) * NANOSECONDS) if seconds else None


def known_events() -> Known:
    """All that is known: what was heard while a page was open, and what the Engine still has.

    An Engine that hangs is not waited for longer than a few seconds.
    """
    store = current_store()
    problem = None
    if not feed.is_listening:
        try:
            fetch_past(store)
        except EngineUnreachable as unreachable:
            problem = unreachable
    heard_at = store.heard_at if problem else datetime.now(UTC)
    return Known(visible(store.newest_first()), problem, heard_at)


def remembered_events() -> Known:
    """What was heard so far, without asking the Engine for more."""
    store = current_store()
    return Known(visible(store.newest_first()), heard_at=store.heard_at)


def visible(events: list[Event]) -> list[Event]:
    """The events as whoever is asking may see them: labels are among their attributes."""
    if not hides_secrets():
        return events
    return [replace(event, attributes=visible_pairs(event.attributes)) for event in events]


def list_events(asked: Asked, most: int) -> list[Event]:
    """The newest events that fit, at most so many. Raise EngineUnreachable."""
    known = known_events()
    if known.problem:
        raise known.problem
    return matching(known.events, asked)[:most]


def matching(events: Iterable[Event], asked: Asked) -> list[Event]:
    """Those that fit everything that is asked for, and hold every word of the search."""
    words = asked.search.casefold().split()
    return [
        event
        for event in events
        if (not asked.type or event.type == asked.type)
        and (not asked.action or asked.action in (event.verb, event.action))
        and (asked.since is None or event.nanoseconds >= asked.since)
        and (asked.until is None or event.nanoseconds <= asked.until)
        and (not words or all(word in text_of(event) for word in words))
    ]


def text_of(event: Event) -> str:
    """Everything of an event in which is searched."""
    attributes = (f"{name}={value}" for name, value in event.attributes.items())
    return " ".join([event.type, event.action, event.actor_id, event.name, *attributes]).casefold()
