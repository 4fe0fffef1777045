"""Whether a container is up: by its exit code, its health, and nothing else."""

import time
from contextlib import suppress
from typing import Any

import pytest
from docker import APIClient
from docker.errors import NotFound

from containers import starting
from containers.errors import DidNotStart
from containers.starting import ended, health_seconds, wait_until_up
from tests.arrange import ContainerMaker
from tests.containers.bodies import SECOND, inspect, the_engine


def wait(container: str, **options: Any) -> None:
    with the_engine() as engine:
        wait_until_up(engine, container, **options)


def script(text: str) -> list[str]:
    return ["/bin/sh", "-c", text]


def probe(test: str, **settings: int) -> dict[str, Any]:
    return {"test": ["CMD-SHELL", test], "interval": SECOND // 2, "retries": 2} | settings


def test_one_that_goes_on_is_up(make_container: ContainerMaker) -> None:
    made = make_container()
    wait(made)
    assert inspect(made)["State"]["Running"]


def test_one_that_has_done_its_work_is_up(make_container: ContainerMaker) -> None:
    wait(make_container(command=script("exit 0")))


@pytest.mark.parametrize("after", ["", "sleep 0.4; "])
def test_one_that_ends_with_an_error_is_not(
    make_container: ContainerMaker, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "AT_ONCE_SECONDS", 60.0)  # a busy machine is slow to end it
    made = make_container("web", command=script(f"{after}echo; echo 'no database.'; exit 3"))
    with pytest.raises(DidNotStart) as caught:
        wait(made, settle_seconds=60)
    assert str(caught.value) == "The container web ended at once with exit code 3: no database."
    assert caught.value.status == 409


@pytest.mark.parametrize(
    ("end", "again", "words"),
    [
        ("2026-06-15T12:00:01.9Z", False, "ended at once"),
        ("2026-06-15T12:00:07.123456789Z", False, "ended after 7 seconds"),
        ("2026-06-15T11:59:59.99Z", False, "ended at once"),
        ("2026-06-15T11:59:00Z", True, "ended"),
        ("0001-01-01T00:00:00Z", False, "ended"),
    ],
)
def test_how_soon_one_ended_is_told(end: str, again: bool, words: str) -> None:
    """The Engine keeps the end of the run before in a container that it has started again."""
    state = {"StartedAt": "2026-06-15T12:00:00Z", "FinishedAt": end, "Running": again}
    assert ended(state) == words


def test_one_that_is_started_over_and_over_is_not(make_container: ContainerMaker) -> None:
    made = make_container(command=script("exit 5"), host={"restart_policy": {"Name": "always"}})
    with pytest.raises(DidNotStart, match="exit code 5"):
        wait(made, settle_seconds=60)


@pytest.mark.parametrize(("code", "up"), [(0, True), (4, False)])
def test_one_that_has_removed_itself_is_judged_by_how_it_ended(
    docker: APIClient, make_container: ContainerMaker, code: int, up: bool
) -> None:
    made = make_container(command=script(f"exit {code}"), start=False, host={"auto_remove": True})
    with the_engine() as engine:
        found = engine.inspect_container(made)
        docker.start(made)
        with suppress(NotFound):  # it may be gone already
            docker.wait(made, condition="removed")
        engine.inspect_container = lambda _: found  # as it was when it was looked at
        try:
            if up:
                wait_until_up(engine, made)
            else:
                with pytest.raises(DidNotStart, match="exit code 4"):
                    wait_until_up(engine, made)
        finally:
            del engine.inspect_container


def test_one_that_becomes_healthy_is_up(make_container: ContainerMaker) -> None:
    made = make_container(
        command=script("sleep 1; touch /ready; exec /bin/idle"),
        healthcheck=probe("test -e /ready", start_period=10 * SECOND),
    )
    wait(made)
    assert inspect(made)["State"]["Health"]["Status"] == "healthy"


def test_one_that_becomes_unhealthy_is_not(make_container: ContainerMaker) -> None:
    made = make_container("web", healthcheck=probe("echo out of order; exit 1"))
    with pytest.raises(DidNotStart, match="web is unhealthy: out of order"):
        wait(made)


def test_one_that_ends_before_it_is_healthy_is_not(make_container: ContainerMaker) -> None:
    made = make_container(
        command=script("sleep 1; exit 6"),
        healthcheck=probe("exit 1", interval=30 * SECOND),
    )
    began = time.monotonic()
    with pytest.raises(DidNotStart, match="exit code 6"):
        wait(made)
    assert time.monotonic() - began < 30  # before the first probe


def test_one_whose_healthcheck_is_switched_off_is_up(make_container: ContainerMaker) -> None:
    wait(make_container(healthcheck={"test": ["NONE"]}))


def test_waiting_can_be_given_up(make_container: ContainerMaker) -> None:
    def give_up() -> None:
        raise KeyboardInterrupt

    made = make_container(healthcheck=probe("exit 0", interval=600 * SECOND))
    with pytest.raises(KeyboardInterrupt):
        wait(made, on_wait=give_up)


def test_a_healthcheck_has_the_time_that_its_settings_give_it() -> None:
    assert health_seconds({"Test": ["CMD", "x"]}) == 240
    settings = {"Interval": SECOND, "Timeout": 2 * SECOND, "StartPeriod": 5 * SECOND, "Retries": 1}
    assert health_seconds(settings) == 11
