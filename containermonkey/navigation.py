"""What the sidebar and the phones' tab bar lead to. An entry is added with its page."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Entry:
    group: str
    label: str
    view: str
    icon: str
    tab_icon: str = ""  # while it is the current one of the phones' tab bar; without, not on it


ENTRIES = (
    Entry("Overview", "Containers", "containers:list", icon="cube", tab_icon="cube-fill"),
    Entry("Overview", "Stacks", "stacks:list", icon="stack", tab_icon="stack-fill"),
    Entry("Protect", "Backups", "backups:list", icon="archive", tab_icon="archive-fill"),
    Entry("Protect", "Jobs", "jobs:list", icon="queue", tab_icon="queue-fill"),
)


@dataclass(frozen=True)
class Link:
    entry: Entry
    url: str
    current: bool


def navigation(request: HttpRequest) -> list[Link]:
    """The entries with their addresses; current is the one whose page or subpage is shown."""
    return [link_to(entry, request.path) for entry in ENTRIES]


def link_to(entry: Entry, path: str) -> Link:
    url = reverse(entry.view)
    return Link(entry, url, current=path == url or (url != "/" and path.startswith(url)))
