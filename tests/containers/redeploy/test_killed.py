"""A worker that is killed right after any change that a redeploy makes on the Engine."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from docker import APIClient

from jobs.models import Job, Status
from jobs.worker import recover, run_next
from tests.arrange import STUBBORN, ContainerMaker, has_come
from tests.backups.workers import kill, worker_process
from tests.containers.redeploy.conftest import NEW, OLD, Publish, request, state_of
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

CHANGES = 18
"""Of a redeploy of the scene below, from the pull to the pause; a test counts them."""

CHANGES_OF_ONE_THAT_REMOVES_ITSELF = 9

WAITING = "/wait"
"""The end of the address of the one call that is posted and changes nothing."""


class Scene:
    """A paused container with volumes of every kind, and two that use its network."""

    def __init__(self, docker: APIClient, make: ContainerMaker, publish: Publish) -> None:
        self.docker = docker
        reference = publish(OLD)
        docker.pull(reference)
        make(
            "web",
            image=reference,
            volumes=["/anonymous"],
            host={"restart_policy": {"Name": "always"}, "binds": ["named:/named"]},
        )
        make("probe", host={"network_mode": "container:web"}, volumes=["/mine"])
        make("meter", host={"network_mode": "container:web"}, start=False)
        docker.pause("web")
        publish([*NEW, "VOLUME /fresh"])

    def look(self) -> dict[str, Any]:
        return state_of(self.docker) | {name: self.of(name) for name in ("web", "probe", "meter")}

    def of(self, name: str) -> dict[str, Any]:
        inspect = self.docker.inspect_container(name)
        return {
            "network": inspect["HostConfig"]["NetworkMode"],
            "volumes": {each["Destination"]: each["Name"] for each in inspect["Mounts"]},
        }


@contextmanager
def after_change(number: int, act: Callable[[], None]) -> Iterator[list[str]]:
    """Do something when so many changes have reached the Engine; the changes, as they come."""
    send, lock = requests.Session.send, threading.Lock()
    changes: list[str] = []

    def counting(session: requests.Session, asked: Any, **options: Any) -> requests.Response:
        answer = send(session, asked, **options)
        path = asked.path_url.partition("?")[0]
        if asked.method != "GET" and not path.endswith(WAITING):
            with lock:
                changes.append(f"{asked.method} {path}")
            if len(changes) == number:
                act()
        return answer

    requests.Session.send = counting  # type: ignore[method-assign]
    try:
        yield changes
    finally:
        requests.Session.send = send  # type: ignore[method-assign]


def killed_after(number: int, marker: Path) -> Job:
    """A job whose worker was killed after so many changes, once the next one has recovered it."""

    def stop_here() -> None:
        marker.touch()
        while True:
            time.sleep(60)

    job = request()
    with after_change(number, stop_here), worker_process() as process:
        wait_for(marker.exists, f"change number {number}")
        kill(process)
    recover()
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("number", range(1, CHANGES + 1))
def test_a_worker_killed_after_any_change_leaves_what_was_there(
    docker, make_container, published, tmp_path, number
):
    scene = Scene(docker, make_container, published)
    before = scene.look()
    job = killed_after(number, tmp_path / "reached")
    assert job.status == Status.INTERRUPTED
    assert job.undo == []
    assert scene.look() == before


def test_these_are_all_the_changes_that_there_are(docker, make_container, published):
    Scene(docker, make_container, published)
    assert changes_of_a_redeploy() == ["POST"] * CHANGES + ["DELETE"] * 3


def changes_of_a_redeploy() -> list[str]:
    with after_change(0, lambda: None) as changes:
        request()
        assert run_next()
    return [change.partition(" ")[0] for change in changes]


def one_that_removes_itself(docker: APIClient, make: ContainerMaker, app: str) -> dict[str, Any]:
    """Arrange a paused container with `--rm`; what of it has to be there again."""
    make("web", image=app, volumes=["/anonymous"], host={"auto_remove": True})
    docker.pause("web")
    return what_has_to_be_there(docker)


def what_has_to_be_there(docker: APIClient) -> dict[str, Any]:
    """Its name, state, image and volumes; its id is another where the stand-in came back."""
    state, inspect = state_of(docker), docker.inspect_container("web")
    return {
        "containers": {name: status for name, (_, status) in state["containers"].items()},
        "image": inspect["Image"],
        "mounts": {each["Destination"]: each["Name"] for each in inspect["Mounts"]},
        "volumes": state["volumes"],
        "tags": state["tags"],
    }


@pytest.mark.parametrize("number", range(1, CHANGES_OF_ONE_THAT_REMOVES_ITSELF + 1))
def test_one_that_removes_itself_is_there_again_too(docker, make_container, app, tmp_path, number):
    before = one_that_removes_itself(docker, make_container, app)
    job = killed_after(number, tmp_path / "reached")
    assert job.status == Status.INTERRUPTED
    assert job.undo == []
    assert what_has_to_be_there(docker) == before


def test_these_are_all_the_changes_for_one_that_removes_itself(docker, make_container, app):
    one_that_removes_itself(docker, make_container, app)
    changes = ["POST"] * CHANGES_OF_ONE_THAT_REMOVES_ITSELF + ["DELETE"]
    assert changes_of_a_redeploy() == changes


@pytest.mark.parametrize("auto_remove", [False, True])
def test_a_stop_that_is_under_way_is_waited_for(docker, make_container, app, auto_remove):
    """The Engine goes on with it, and at its end removes what is to remove itself."""
    made = make_container(
        "web",
        image=app,
        command=STUBBORN,
        volumes=["/anonymous"],
        stop_timeout=5,
        host={"auto_remove": auto_remove},
    )
    before, began = what_has_to_be_there(docker), int(time.time()) - 1
    job = request()

    with worker_process() as process:
        wait_for(lambda: has_come(docker, made, "kill", began), "the stop to begin")
        kill(process)
    recover()
    end = "destroy" if auto_remove else "die"
    wait_for(lambda: has_come(docker, made, end, began), "the stop to be over")
    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert what_has_to_be_there(docker) == before
