"""The compose plugin: its environment, its end, and that it may be missing."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docker import APIClient

from jobs.models import Status
from jobs.services import cancel
from jobs.worker import run_next
from stacks.deploy import plugin
from stacks.deploy.services import request_deploy
from tests.arrange import run_in
from tests.backups.pages import text_of
from tests.backups.steps import failed
from tests.processes import alive
from tests.stacks.deploy.files import BODY, SIMPLE, STACK, deployed, of_service, post
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("engine", "data_dir", "busybox"),
]


def test_the_plugin_sees_nothing_of_the_servers_environment(
    docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "hush")
    with plugin.composing(STACK, b"{}") as compose:
        assert "hush" not in compose.environment.values()
        assert {*compose.environment} <= {"PATH", "HOME", "DOCKER_CONFIG", "LANG", "DOCKER_HOST"}
        assert os.listdir(compose.folder) == [], "nothing of it is on the disk"
    assert not compose.folder.exists()
    deployed(SIMPLE.replace("hello", "${SECRET_OF_THE_SERVER}"))
    [web] = of_service(docker, "web")
    assert run_in(docker, web["Id"], "sh", "-c", "echo $GREETING") == "\n"


def test_without_the_plugin_the_rest_works(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(plugin, "FOLDERS", [str(tmp_path)])
    monkeypatch.setattr(plugin, "PATH", str(tmp_path))
    answer = post(admin_client, BODY)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_compose_plugin")
    page = admin_client.get("/stacks/-/deploy/")
    assert page.status_code == 503
    assert "docker-compose-plugin" in text_of(page)
    assert admin_client.get("/stacks/").status_code == 200


SLOW = """#!/bin/sh
echo "Creating press-web-1"
sleep 600 &
echo $! > %s
wait
"""


@pytest.fixture
def slow_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A plugin that understands every file, and is never done; the file has its child's id."""
    child = tmp_path / "child"
    program = tmp_path / "docker-compose"
    config = "case \"$*\" in *config*) echo 'services: {web: {image: busybox:test}}'; exit;; esac"
    program.write_text(SLOW.replace("\n", f"\n{config}\n", 1) % child)
    program.chmod(0o755)
    monkeypatch.setattr(plugin, "FOLDERS", [str(tmp_path)])
    yield child
    with suppress(OSError, ValueError):
        os.kill(int(child.read_text()), 9)


def has_ended(pid: int) -> None:
    """See that a process ends that was killed, which it does in its own time."""
    wait_for(lambda: not alive(pid), "the child's end")


def test_cancelling_ends_all_that_the_plugin_started(
    slow_plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = request_deploy(STACK, SIMPLE, {})
    read = plugin.lines_of

    def cancelled_after_a_line(process: Any) -> Iterator[str]:
        for line in read(process):
            yield line
            if slow_plugin.exists() and slow_plugin.read_text().strip():
                cancel(job.progress_id)

    monkeypatch.setattr(plugin, "lines_of", cancelled_after_a_line)
    assert run_next()
    job.refresh_from_db()
    assert job.status == Status.CANCELLED, job.error
    assert "Creating press-web-1" in job.log
    has_ended(int(slow_plugin.read_text()))


def test_a_plugin_that_takes_too_long_is_given_up(
    slow_plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "LONGEST_DEPLOY", 5.0)
    job = failed(request_deploy(STACK, SIMPLE, {}))
    assert "given up after 5 seconds" in job.error
    has_ended(int(slow_plugin.read_text()))
