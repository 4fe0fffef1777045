import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import APIClient

from tests.arrange import ContainerMaker, run_in
from tests.bigger.servers import PrivatePostgres, PrivateRedis
from tests.house import SCRATCH
from tests.site import migrated_data

numbers = itertools.count()
MIGRATED = "migrated"
LARGE, LONG = 4 << 20, 3 << 29
"""Bytes of data that does not compress, and of lines that take seconds on any machine."""


@pytest.fixture(scope="session")
def _postgres(_migrated_data: Path) -> Iterator[PrivatePostgres]:
    server = PrivatePostgres(SCRATCH.path / "postgres")
    server.prepare()
    server.start()
    url = server.make_database(MIGRATED)
    migrated_data(SCRATCH.path / "migrated-postgres", DATABASE_URL=url)
    yield server
    server.remove()


@pytest.fixture
def postgres(_postgres: PrivatePostgres) -> Iterator[PrivatePostgres]:
    """The private PostgreSQL of this run. A test may stop it."""
    yield _postgres
    _postgres.stop()
    _postgres.start()


@pytest.fixture(scope="session")
def redis() -> Iterator[PrivateRedis]:
    """The private Redis of this run. A test may stop it, and starts it again."""
    server = PrivateRedis(SCRATCH.path / "redis")
    server.prepare()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def database_url(postgres: PrivatePostgres) -> str:
    """A database that is this test's own."""
    return postgres.make_database(f"site{next(numbers)}", MIGRATED)


@pytest.fixture
def shop(docker: APIClient, make_container: ContainerMaker) -> str:
    """A container with a volume."""
    container = make_container("shop", host={"binds": ["shop_data:/data"]})
    run_in(docker, container, "sh", "-c", f"head -c {LARGE} /dev/urandom > /data/orders")
    return container


@pytest.fixture
def large_shop(docker: APIClient, shop: str) -> str:
    """One whose backup takes long enough to be caught in the middle."""
    with Path(docker.inspect_volume("shop_data")["Mountpoint"], "lines").open("wb") as file:
        for number in range(LONG >> 20):
            file.write(f"{number} lines of an order\n".encode().ljust(64, b".") * (1 << 14))
    return shop
