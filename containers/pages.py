"""What all pages of one container share: its name, its state, what may be done, and the tabs."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.request import split_domain_port
from django.urls import reverse

from containers import presentation, queries
from containers.annotations import last_backups

TABS = (
    ("overview", "Overview", "containers:detail"),
    ("logs", "Logs", "containers:logs"),
    ("console", "Console", "console"),
    ("stats", "Statistics", "containers:stats"),
    ("environment", "Environment", "containers:environment"),
    ("inspect", "Inspect", "containers:inspect"),
)
"""Each page of a container: its key, its words, and the name of its address."""


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool


def container_page(request: HttpRequest, reference: str, tab: str) -> dict[str, Any]:
    """The context of the page `tab` of a container; two calls of the Engine.

    Raise NotFound if there is no such container, NotAllowed if it is Container Monkey itself.
    """
    details = queries.container_details(reference)
    return {
        "container": details,
        "row": presentation.row(details, host_of(request), last_backups().get(details.name)),
        "tab": tab,
        "tabs": [
            Tab(label, reverse(address, args=[details.name]), key == tab)
            for key, label, address in TABS
        ],
    }


def host_of(request: HttpRequest) -> str:
    """The name under which the reader reaches this page, for links to published ports."""
    return split_domain_port(request.get_host())[0]
