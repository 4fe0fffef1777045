"""Images in a registry, to be pulled."""

from collections.abc import Callable

import pytest
from django.test import Client
from docker import APIClient

from images.pulling.services import request_pull
from jobs.models import Job, Status
from jobs.worker import run_next
from tests import images
from tests.registry import Registry

Publish = Callable[..., str]


@pytest.fixture
def client(admin_client: Client) -> Client:
    """Somebody who may do everything; what each role may is told in `accounts/test_rights.py`."""
    return admin_client


@pytest.fixture
def publish(docker: APIClient, registry: Registry) -> Publish:
    """Puts an image into the registry as `app:1`, or under another name; its reference."""

    def put(label: str = "one", files: dict[str, bytes] | None = None, name: str = "app") -> str:
        images.build(docker, "local:1", [f"LABEL version={label}"], files)
        reference = registry.put(docker, "local:1", name, "1")
        docker.remove_image("local:1", force=True)
        return reference

    return put


def pulled(reference: str, *, status: str = Status.COMPLETE, **options: str) -> Job:
    """Pull by a job; it has to end as asked."""
    job = request_pull(reference, **options)
    assert run_next()
    job.refresh_from_db()
    assert job.status == status, (job.error, job.log)
    return job


def tags_of(docker: APIClient) -> dict[str, str]:
    """What each tag means. An image that has just come is called `<none>:<none>` for a moment."""
    shown = {tag: each["Id"] for each in docker.images() for tag in each["RepoTags"] or []}
    return {tag: image for tag, image in shown.items() if tag != "<none>:<none>"}
