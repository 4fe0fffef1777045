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
from django.utils.safestring import SafeString

from jobs.models import Job
from jobs.presentation import Place, told
from jobs.services import progress_of

JOBS_CHANGED = "jobs-changed"


@dataclass(frozen=True)
class Frame:
    """Something to be sent; a newer one with the same key makes it needless.

    `data` is None where there is nothing to say to programs.
    """

    key: str
    html: str
    data: str | None = None


def card(job: Job, place: Place | None) -> Frame:
    """A job's card, and its Progress."""
    number = place.number if place else None
    progress = json.dumps(asdict(progress_of(job, number)), cls=DjangoJSONEncoder)
    fragment = render_to_string("components/progress.html", {"job": told(job, place)})
    return Frame(
        str(job.progress_id), content(in_place(f"#job-{job.progress_id}", fragment)), progress
    )


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
        fragment,
    )
