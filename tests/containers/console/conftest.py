from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from docker import APIClient

from tests.waiting import wait_for

OWN = ("/bin/sh /bin/idle", "sleep 3600", "/app/sleep 3600")


@pytest.fixture
def person() -> Any:
    """Whoever has a console; only the key of the row is asked for."""
    return SimpleNamespace(pk=1, is_authenticated=True)


@pytest.fixture
def running(docker: APIClient) -> Callable[[str], list[str]]:
    """Tells what runs in a container besides its own first process and that one's sleep."""

    def commands(container: str) -> list[str]:
        rows = docker.top(container, ps_args="-eo pid,args")["Processes"]
        return [row[1] for row in rows if row[1] not in OWN]

    return commands


@pytest.fixture
def nothing_runs(running: Callable[[str], list[str]]) -> Callable[[str], None]:
    """Waits until nothing but the container's own runs."""

    def wait(container: str) -> None:
        wait_for(lambda: not running(container), f"the programs in {container} to end", 60)

    return wait
