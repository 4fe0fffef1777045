"""Tells pages that containers or their networks have changed."""

from typing import Any

from engine.events import events
from engine.identity import is_at_files
from jobs.listening import Listener

CONTAINERS_CHANGED = "containers-changed"

UNSEEN = ("exec_", "top", "attach", "detach", "resize", "archive-path", "extract-to-dir", "export")
"""The beginnings of what changes nothing that is shown; healthchecks alone are three a minute."""


class ContainerFeed(Listener):
    told = CONTAINERS_CHANGED

    async def hear(self) -> None:
        # What happened before, or while it was lost, is not told afterwards.
        async for happened in events(self.changed, type=["container", "network"]):
            self.alive()
            if is_seen(happened):
                self.changed()


def is_seen(happened: dict[str, Any]) -> bool:
    """Whether an event changes something that is shown; helpers of who looks at files are not.

    Of a container without a network (`null` is what has none) its own events tell.
    """
    about = (happened.get("Actor") or {}).get("Attributes") or {}
    is_networks = happened.get("Type") == "network" and about.get("type") == "null"
    is_unseen = str(happened.get("Action", "")).startswith(UNSEEN)
    return not (is_unseen or is_networks or is_at_files(about))


feed = ContainerFeed()
