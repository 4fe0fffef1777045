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
    Entry("Overview", "Volumes", "volumes:list", icon="hard-drives"),
    Entry("Overview", "Networks", "networks:list", icon="graph"),
    Entry("Overview", "Stacks", "stacks:list", icon="stack"),
    Entry("Protect", "Backups", "backups:list", icon="archive", tab_icon="archive-fill"),
    Entry(
        *("Protect", "Schedules", "backups:schedules:list"),
        icon="calendar-dots",
        tab_icon="calendar-dots-fill",
    ),
    Entry("Protect", "Coverage", "backups:coverage", icon="shield-check"),
    Entry("Protect", "Jobs", "jobs:list", icon="queue", tab_icon="queue-fill"),
)


@dataclass(frozen=True)
class Link:
    entry: Entry
    url: str
    current: bool


def navigation(request: HttpRequest) -> list[Link]:
    """The entries with their addresses; current is the one whose page or subpage is shown."""
    urls = [reverse(entry.view) for entry in ENTRIES]
    around = [url for url in urls if request.path == url or is_below(request.path, url)]
    current = max(around, key=len, default="")  # schedules lie below backups
    return [Link(entry, url, url == current) for entry, url in zip(ENTRIES, urls, strict=True)]


def is_below(path: str, url: str) -> bool:
    return url != "/" and path.startswith(url)
