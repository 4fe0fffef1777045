"""Something that happened on the Docker host."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.times import NANOSECONDS

LONGEST_VALUE = 300
LONGEST_ATTRIBUTES = 2000
"""Characters that are kept of one attribute, and of all of an event together."""

TELLING = ("name", "image", "exitCode", "signal", "container", "driver", "destination", "oldName")
"""Attributes that are kept before the labels, which the Engine puts among them."""

Key = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """`action` is the Engine's word, as `start` or `health_status: healthy`."""

    nanoseconds: int
    type: str
    action: str
    actor_id: str
    name: str
    attributes: dict[str, str]

    @property
    def key(self) -> Key:
        """What tells an event from all others; the Engine gives them no number."""
        return self.nanoseconds, self.type, self.action, self.actor_id

    @property
    def time(self) -> datetime:
        seconds, rest = divmod(self.nanoseconds, NANOSECONDS)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)

    @property
    def verb(self) -> str:
        """The action without what follows its colon."""
        return self.action.partition(":")[0]


def event_of(told: dict[str, Any]) -> Event:
    """An event of the Engine's JSON; of long attributes only the beginning."""
    actor = told.get("Actor") or {}
    actor_id, attributes = str(actor.get("ID") or ""), bounded(actor.get("Attributes") or {})
    moment = told.get("timeNano") or int(told.get("time") or 0) * NANOSECONDS
    return Event(
        nanoseconds=int(moment),
        type=str(told.get("Type") or "")[:LONGEST_VALUE],
        action=str(told.get("Action") or "")[:LONGEST_VALUE],
        actor_id=actor_id[:LONGEST_VALUE],
        name=attributes.get("name") or actor_id[:LONGEST_VALUE],
        attributes=attributes,
    )


def bounded(attributes: dict[str, Any]) -> dict[str, str]:
    """Attributes as far as they are kept: the telling ones, then as many others as fit."""
    first = [name for name in TELLING if name in attributes]
    kept: dict[str, str] = {}
    left = LONGEST_ATTRIBUTES
    for name in [*first, *(name for name in attributes if name not in TELLING)]:
        value = str(attributes[name])[:LONGEST_VALUE]
        left -= len(name) + len(value)
        if left < 0:
            break
        kept[name] = value
    return kept
