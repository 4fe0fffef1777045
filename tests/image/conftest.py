"""An Engine on which the image is built once, and containers of it."""

from collections.abc import Iterator

import pytest
from docker import APIClient

from tests import arrange
from tests.house import SCRATCH
from tests.image.building import build
from tests.image.shipped import Shipped
from tests.image.way_out import DNS
from tests.private_engine import PrivateEngine


@pytest.fixture(scope="session")
def private_engine() -> Iterator[PrivateEngine]:
    """An Engine beside that of the other tests, which empty theirs of images."""
    engine = PrivateEngine(SCRATCH.path / "shipping", config={"dns": [DNS]})
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def built(private_engine: PrivateEngine) -> set[str]:
    """The ids of the image, which was built, and of those that it was built from."""
    build(private_engine, SCRATCH.path / "base")
    with private_engine.client() as docker:
        return {image["Id"] for image in docker.images()}


@pytest.fixture
def engine(private_engine: PrivateEngine, built: set[str]) -> Iterator[PrivateEngine]:
    """The Engine that has the image, and nothing else before each test."""
    yield private_engine
    with private_engine.client() as docker:
        left = arrange.clear(docker, keep=built)
    assert not left, f"jobs left these behind: {left}"


@pytest.fixture
def shipped(engine: PrivateEngine, docker: APIClient) -> Shipped:
    """Runs containers of the image."""
    return Shipped(engine, docker)
