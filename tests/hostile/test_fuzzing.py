"""Whatever the API is asked, by whoever may ask everything: it answers, and in its own words."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from docker import APIClient
from hypothesis import HealthCheck, Phase, given, settings

from accounts.models import User
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up
from tests.hostile.fuzzing import Operation, Request, operations

EACH = int(os.environ.get("FUZZ", "5"))
"""Requests of every operation; with a hundred they are more than 10,000 in all."""

SAID = {502, 503, 507}
"""What a healthy program may answer where the Engine, its disk or ours is not."""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


@pytest.fixture
def names(docker: APIClient, make_container: ContainerMaker) -> list[str]:
    """What is on the host: nothing that runs, so that nothing that is asked for takes long."""
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
    made = make_container("app", start=False, labels=labels, host={"binds": ["app-data:/data"]})
    network = docker.create_network("front")["Id"]
    root = Path(docker.inspect_volume("app-data")["Mountpoint"])
    (root / "folder").mkdir()
    (root / "folder" / "file.txt").write_text("content")
    backup = backed_up("app")
    return [
        *("app", made, made[:12], "app-data", "front", network, "busybox:test", "shop"),
        *(backup.filename, "/", "/folder", "/folder/file.txt", "1", "all"),
    ]


def test_every_answer_is_one_of_ours(names: list[str], admin: User) -> None:
    wrong: list[str] = []
    statuses: Counter[int] = Counter()
    for operation in operations(names):
        fuzzed(operation, admin, wrong, statuses)
    assert not wrong, f"{len(wrong)} of {statuses.total()}:\n" + "\n".join(wrong)
    # what is asked gets through to what is on the host, and not only to who looks at forms
    assert {200, 202, 400, 404} <= set(statuses), statuses


def fuzzed(operation: Operation, admin: User, wrong: list[str], statuses: Counter[int]) -> None:
    """Ask an operation so many times."""
    client = Client(raise_request_exception=False)
    client.force_login(admin)

    @settings(
        max_examples=EACH,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.requests())
    def ask(request: Request) -> None:
        cache.clear()  # it is not the limits that are looked at
        if operation.path in ("/api/login", "/api/logout", "/api/change-password"):
            client.force_login(admin)
        answer = client.generic(
            request.method.upper(), request.path, request.body, request.content_type
        )
        statuses[answer.status_code] += 1
        if words := fault_of(answer):
            wrong.append(f"{request}: {words}")
        let_go(answer)

    ask()


def let_go(answer: Any) -> None:
    """Close what is streamed; the test's own connection to the database outlives that."""
    if answer.streaming:
        request_finished.disconnect(close_old_connections)
        answer.close()
        request_finished.connect(close_old_connections)


def fault_of(answer: Any) -> str:
    """What is wrong with an answer; nothing where it is one of ours."""
    status = answer.status_code
    if status < 400:
        return ""
    if (status >= 500 and status not in SAID) or status == 422:
        return str(status)
    if not answer["Content-Type"].startswith("application/json"):
        return f"{status} as {answer['Content-Type']}"
    if answer.request["REQUEST_METHOD"] == "HEAD":
        return ""
    told = json.loads(answer.content)
    if not (isinstance(told.get("error"), str) and told["error"] and told.get("code")):
        return f"{status} without words: {told}"
    return "a traceback" if "Traceback" in told["error"] else ""
