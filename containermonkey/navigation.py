"""What the sidebar and the phones' tab bar lead to. An entry is added with its page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.rights import right_for, rights_of


@dataclass(frozen=True)
class Entry:
    group: str
    label: str
    view: str
    icon: str
    tab_icon: str = ""  # while it is the current one of the phones' tab bar; without, not on it
    act: str = "page.see"  # shows it to those who may; it leads nobody else anywhere


ENTRIES = (
    Entry("Overview", "Dashboard", "home", icon="squares-four", tab_icon="squares-four-fill"),
    Entry("Overview", "Containers", "containers:list", icon="cube", tab_icon="cube-fill"),
    Entry("Overview", "Stacks", "stacks:list", icon="stack"),
    Entry("Overview", "Images", "images:list", icon="package"),
    Entry("Overview", "Volumes", "volumes:list", icon="hard-drives"),
    Entry("Overview", "Networks", "networks:list", icon="graph"),
    Entry("Protect", "Backups", "backups:list", icon="archive", tab_icon="archive-fill"),
    Entry("Protect", "Schedules", "backups:schedules:list", icon="calendar-dots"),
    Entry("Protect", "Coverage", "backups:coverage", icon="shield-check"),
    Entry("Protect", "Jobs", "jobs:list", icon="queue"),
    Entry(
        *("Observe", "Statistics", "statistics:all"),
        icon="chart-line-up",
        tab_icon="chart-line-up-fill",
    ),
    Entry("Observe", "Events", "events:list", icon="pulse"),
    Entry("Manage", "Clean-up", "system:clean_up", icon="broom"),
    Entry("Manage", "Environment", "system:check", icon="stethoscope"),
    Entry("Administration", "Users", "accounts:users", icon="users", act="user.see"),
    Entry("Administration", "Audit trail", "accounts:audit", icon="scroll", act="audit.see"),
)


@dataclass(frozen=True)
class Link:
    """`counted` is the name of the number beside it, empty where none belongs there. `lacking`
    says which right it takes that whoever looks does not have."""

    entry: Entry
    url: str
    current: bool
    counted: str
    number: int | None
    lacking: str = ""


def navigation(request: HttpRequest, numbers: Mapping[str, int | None]) -> list[Link]:
    """The entries with their addresses, and those of the numbers that are known beside them.

    Current is the one whose page or subpage is shown.
    """
    urls = [reverse(entry.view) for entry in ENTRIES]
    around = [url for url in urls if request.path == url or is_below(request.path, url)]
    current = max(around, key=len, default="")  # schedules lie below backups
    names = [entry.view.removesuffix(":list") for entry in ENTRIES]
    return [
        Link(
            *(entry, url, url == current, name if name in numbers else "", numbers.get(name)),
            lacking=lacking(request, entry.act),
        )
        for entry, url, name in zip(ENTRIES, urls, names, strict=True)
    ]


def lacking(request: HttpRequest, act: str) -> str:
    """What keeps who asks from an act; nothing where they have its right, or nobody asks."""
    right, user = right_for(act), getattr(request, "user", None)
    if user is None or right in rights_of(user):
        return ""
    return f"Takes the right to {right.label}"


def is_below(path: str, url: str) -> bool:
    return url != "/" and path.startswith(url)
