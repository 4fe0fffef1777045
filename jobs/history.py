"""The jobs that have ended: searched, filtered, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from containermonkey import looks
from jobs.models import ENDED, Job, Kind
from jobs.registry import has_handler

PAGE_SIZE = 50


@dataclass(frozen=True)
class History:
    """One page of ended jobs, the newest first; `count` of all there are, whatever is chosen."""

    page: Page
    count: int
    selects: list[dict[str, Any]]


def history(
    *, search: str = "", kind: str = "", status: str = "", container: str = "", page: str = "1"
) -> History:
    """The ended jobs that match. An empty choice matches all of them, an unknown one none."""
    ended = Job.objects.filter(status__in=ENDED)
    chosen = {"kind": kind, "status": status, "subject": container}
    # PostgreSQL refuses the character that is taken out.
    found = matching(ended, search).filter(
        **{name: value.replace("\0", "\ufffd") for name, value in chosen.items() if value}
    )
    # Logs and undo lists are long, and are on the page of each job.
    shown = Paginator(found.defer("log", "undo").order_by("-pk"), PAGE_SIZE).get_page(page)
    subjects = ended.order_by("subject").values_list("subject", flat=True).distinct()
    return History(
        page=shown,
        count=ended.count(),
        selects=[
            select("kind", "Kind", "Every kind", kind_words(), kind),
            select("status", "State", "Every end", status_words(), status),
            select(
                "container",
                "Container",
                "All containers",
                zip(subjects, subjects, strict=True),
                container,
            ),
        ],
    )


def matching(jobs: QuerySet[Job], search: str) -> QuerySet[Job]:
    """Those that have every word in their container's name, their backup's name or their error."""
    for word in search.replace("\0", " ").split():
        jobs = jobs.filter(
            Q(subject__icontains=word)
            | Q(error__icontains=word)
            | Q(arguments__filename__icontains=word)
            | Q(result__filename__icontains=word)
        )
    return jobs


def kind_words() -> list[tuple[str, str]]:
    return [(kind.value, looks.of_kind(kind).word) for kind in Kind if has_handler(kind)]


def status_words() -> list[tuple[str, str]]:
    return [(status.value, looks.of_job(status).word) for status in ENDED]


def select(
    name: str, label: str, nothing: str, options: Iterable[tuple[str, str]], value: str
) -> dict[str, Any]:
    """A choice for the tool bar of the page."""
    return {"name": name, "label": label, "options": [("", nothing), *options], "value": value}
