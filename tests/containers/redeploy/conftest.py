"""Images in a registry, of which there is a newer one by now."""

from collections.abc import Callable
from typing import Any

import pytest
from docker import APIClient

from jobs.models import Job, Kind, Status
from jobs.services import enqueue
from jobs.worker import run_next
from tests import images
from tests.registry import Registry

OLD = ["ENV VERSION=1 SHARED=image", "LABEL version=1", 'CMD ["/bin/idle", "one"]', "WORKDIR /one"]
NEW = ["ENV VERSION=2 SHARED=image", "LABEL version=2", 'CMD ["/bin/idle", "two"]', "WORKDIR /two"]

Publish = Callable[..., str]


@pytest.fixture
def published(docker: APIClient, registry: Registry) -> Publish:
    """Puts an image into the registry as `app:1`; its reference."""

    def publish(changes: list[str], files: dict[str, bytes] | None = None) -> str:
        images.build(docker, "local:1", changes, files)
        reference = registry.put(docker, "local:1", "app", "1")
        docker.remove_image("local:1", force=True)
        return reference

    return publish


@pytest.fixture
def app(docker: APIClient, published: Publish) -> str:
    """The reference of an image that was pulled, and of which there is a newer one now."""
    reference = published(OLD)
    docker.pull(reference)
    published(NEW)
    return reference


def request(reference: str = "web", *, pull: bool = True) -> Job:
    """A job, as it is queued for this container."""
    arguments = {"container": reference, "name": reference, "pull": pull}
    return enqueue(Kind.REDEPLOY, reference, arguments)


def redeployed(reference: str = "web", *, pull: bool = True, status: str = Status.COMPLETE) -> Job:
    """Do such a job; it has to end as asked."""
    job = request(reference, pull=pull)
    assert run_next()
    job.refresh_from_db()
    assert job.status == status, (job.error, job.log)
    return job


def state_of(docker: APIClient) -> dict[str, Any]:
    """What has to be as it was: the containers, what they run from, and what images are called."""
    rows = docker.containers(all=True)
    return {
        "containers": {row["Names"][0][1:]: (row["Id"], row["State"]) for row in rows},
        "policies": {
            row["Id"]: docker.inspect_container(row["Id"])["HostConfig"]["RestartPolicy"]
            for row in rows
        },
        "tags": {
            tag: each["Id"]
            for each in docker.images()
            for tag in each["RepoTags"] or []
            if not tag.startswith("<none>")
        },
        "volumes": sorted(each["Name"] for each in docker.volumes()["Volumes"] or []),
    }
