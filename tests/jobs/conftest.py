from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import ENDED, Job, Status

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job(db: None) -> MakeJob:
    """Makes rows of jobs as if they had come to be in that state."""

    def make(status: str = Status.QUEUED, subject: str = "web", **values: Any) -> Job:
        now = timezone.now()
        times = {"started_at": now if status not in (Status.QUEUED, Status.WAITING) else None}
        times |= {"finished_at": now if status in ENDED else None}
        return Job.objects.create(
            **{"kind": "backup", "subject": subject, "status": status, **times, **values}
        )

    return make


@pytest.fixture(params=["admin_client", "operator_client"])
def client(request: pytest.FixtureRequest) -> Client:
    """Everybody who is signed in, one after the other."""
    return request.getfixturevalue(request.param)
