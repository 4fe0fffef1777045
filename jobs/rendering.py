"""What a change of a job is for those who watch: fragments for pages, Progress for programs.

A frame for a page is JSON with `content`, a fragment that names its place and is passed over where
a page does not have that, or with `event`, a name that parts of a page listen for:
`jobs-changed` when a job came, began or ended, `job-<id>` when its log grew.
"""

import json
from dataclasses import asdict, dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.audit import Actor, acting
from accounts.models import Right
from accounts.rights import EVERY_RIGHT, RIGHTS_OF, Role
from containermonkey.unseen import made_visible
from jobs.models import Job
from jobs.presentation import Place, told
from jobs.services import progress_of

JOBS_CHANGED = "jobs-changed"


@dataclass(frozen=True)
class Frame:
    """Something to be sent; a newer one with the same key makes it needless.

    `data` is None where there is nothing to say to programs. `for_viewers` is what those get who
    may do nothing with jobs, where that is something else.
    """

    key: str
    html: str
    data: str | None = None
    for_viewers: str = ""


def card(job: Job, place: Place | None) -> Frame:
    """A job's card, and its Progress."""
    number = place.number if place else None
    progress = json.dumps(asdict(progress_of(job, number)), cls=DjangoJSONEncoder)
    context = {"job": told(job, place)}
    # Everybody's cards are made here, with the rights of those whom they go to.
    all_rights, looking = (
        rendered_for(rights, context) for rights in (EVERY_RIGHT, RIGHTS_OF[Role.VIEWER])
    )
    return Frame(str(job.progress_id), all_rights, progress, looking)


def rendered_for(rights: frozenset[Right], context: dict[str, Job]) -> str:
    with acting(lambda: Actor(username="", rights=rights)):
        card = render_to_string("components/progress.html", context)
    return content(in_place(f"#job-{context['job'].progress_id}", card))


def chip(job: Job | None) -> Frame:
    """The top bar's word on the job that runs or is next."""
    fragment = render_to_string("components/job_chip.html", {"job": job})
    return Frame("chip", content(in_place("#job-chip", fragment)))


def event(name: str) -> Frame:
    """A nudge for the parts of pages that fetch themselves anew."""
    return Frame(f"event {name}", json.dumps({"event": name}))


def log_event(job: Job) -> str:
    return f"job-{job.progress_id}"


def content(html: str) -> str:
    return json.dumps({"content": html})


def in_place(target: str, fragment: SafeString) -> str:
    """A fragment that takes the place of `target`, on pages that have it."""
    return format_html(
        '<hx-partial data-hx-target="{}" data-hx-swap="outerMorph">{}</hx-partial>',
        target,
        mark_safe(made_visible(fragment)),  # noqa: S308 - markup as it was, but for a sign
    )
