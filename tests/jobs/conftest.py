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


@pytest.fixture
def client(admin_client: Client) -> Client:
    """Somebody who may do everything; what each role may is told in `accounts/test_rights.py`."""
    return admin_client
