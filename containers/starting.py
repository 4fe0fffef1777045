"""Whether a container that was started is up."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from containers.errors import DidNotStart
from engine import Docker
from engine.exits import exit_code_within, last_exit_code

SETTLE_SECONDS = 1.5
"""How long a container without a healthcheck has to go on running to count as up."""

LOOK_SECONDS = 0.5
"""How often a container with a healthcheck is looked at; its end is noticed at once."""

NANOSECONDS = 1_000_000_000

HEALTH_DEFAULTS = {"Interval": 30 * NANOSECONDS, "Timeout": 30 * NANOSECONDS, "StartPeriod": 0}
DEFAULT_RETRIES = 3

LAST_WORDS = 200
"""Letters of a container's last line that are quoted."""


def wait_until_up(
    docker: Docker, container_id: str, *, on_wait: Callable[[], None] | None = None
) -> None:
    """Return when a container that was just started is up.

    That is: healthy, where it has a healthcheck; still running after a moment, where it has none;
    or at its end with exit code 0, as one that does its work and goes. Raise DidNotStart
    otherwise. `on_wait` is called while waiting and may raise to give up.
    """
    patience = SETTLE_SECONDS
    inspect = docker.inspect_container(container_id)
    checked = has_healthcheck(inspect)
    if checked:
        patience = health_seconds(inspect["Config"]["Healthcheck"])
    until = time.monotonic() + patience
    while True:
        left = until - time.monotonic()
        code = exit_code_within(docker, inspect["Id"], min(LOOK_SECONDS, left) if checked else left)
        if code is None:
            inspect = docker.inspect_container(inspect["Id"])
            code = code_of_end(docker, inspect)
        if code is not None:
            return judge_end(docker, inspect, code)
        health = (inspect["State"].get("Health") or {}).get("Status")
        if health == "healthy":
            return None
        if health == "unhealthy":
            raise DidNotStart(f"{subject(inspect)} is unhealthy{last_probe(inspect)}.")
        if time.monotonic() >= until:
            break
        if on_wait:
            on_wait()
    if checked:
        raise DidNotStart(
            f"{subject(inspect)} did not become healthy within {patience:.0f} seconds"
            f"{last_probe(inspect)}."
        )
    return None


def has_healthcheck(inspect: Mapping[str, Any]) -> bool:
    """Whether the Engine asks the container how it is."""
    test = (inspect["Config"].get("Healthcheck") or {}).get("Test") or []
    return bool(test) and test[0] != "NONE" and "Health" in inspect["State"]


def health_seconds(healthcheck: Mapping[str, Any]) -> float:
    """How long a healthcheck may take to say healthy or unhealthy, by its own settings.

    The start period, in which failures do not count, and then as many probes as it may fail and
    one more, each after its interval and each running into its timeout.
    """
    interval, timeout, start = (
        (healthcheck.get(name) or default) / NANOSECONDS
        for name, default in HEALTH_DEFAULTS.items()
    )
    retries = healthcheck.get("Retries") or DEFAULT_RETRIES
    return start + (retries + 1) * (interval + timeout)


def code_of_end(docker: Docker, inspect: Mapping[str, Any]) -> int | None:
    """With what code a container ended, also if its restart policy started it again since."""
    state = inspect["State"]
    if not state["Running"]:
        return int(state["ExitCode"])
    if not state["Restarting"] and not inspect.get("RestartCount"):
        return None
    code = last_exit_code(docker, inspect["Id"])
    return int(state["ExitCode"]) if code is None else code


def judge_end(docker: Docker, inspect: Mapping[str, Any], code: int) -> None:
    """Raise DidNotStart if a container that has ended did so with an error."""
    if code == 0:
        return
    reason = inspect["State"].get("Error") or last_line(docker, inspect)
    raise DidNotStart(
        f"{subject(inspect)} ended at once with exit code {code}{f': {reason}' if reason else ''}."
    )


def subject(inspect: Mapping[str, Any]) -> str:
    return f"The container {inspect['Name'].removeprefix('/')}"


def last_probe(inspect: Mapping[str, Any]) -> str:
    """What the last probe of a healthcheck said, to be added to a sentence."""
    probes = (inspect["State"].get("Health") or {}).get("Log") or []
    said = quotable(probes[-1].get("Output") or "") if probes else ""
    return f": {said}" if said else ""


def last_line(docker: Docker, inspect: Mapping[str, Any]) -> str:
    """The last line that a container wrote, where the Engine keeps what it writes."""
    if inspect["HostConfig"]["AutoRemove"]:
        return ""
    if inspect["HostConfig"]["LogConfig"]["Type"] not in ("json-file", "local", "journald"):
        return ""
    output: bytes = docker.logs(inspect["Id"], tail=5)
    return quotable(output.decode(errors="replace"))


def quotable(text: str) -> str:
    """The last line of a text, shortened, fit to be quoted in a sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = "".join(letter if letter.isprintable() else "�" for letter in (lines or [""])[-1])
    return shown[:LAST_WORDS].rstrip(".")
