"""Somebody who tries everything, and what they try it on."""

from collections.abc import Iterator

import pytest
from docker import APIClient

from jobs.models import Job
from tests.arrange import ContainerMaker
from tests.hostile.ourselves import Ourselves, settle


@pytest.fixture
def ours(docker: APIClient, make_container: ContainerMaker) -> Ourselves:
    """Container Monkey itself, running on the private Engine."""
    return settle(docker, make_container)


@pytest.fixture
def untouched(ours: Ourselves) -> Iterator[Ourselves]:
    """Ourselves, who have to be as they were when everything was tried."""
    before = ours.state()
    yield ours
    assert ours.state() == before
    assert not Job.objects.exists()
