"""Whether a container that was started is up."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from accounts.masks import DOTS
from containers.acts import container_if_there
from containers.errors import DidNotStart
from containers.mapping import name_in
from engine import Docker
from engine.exits import exit_code_within, last_exit_code
from engine.times import NANOSECONDS, moment

SETTLE_SECONDS = 1.5
"""How long a container without a healthcheck has to go on running to count as up."""

AT_ONCE_SECONDS = 2.0
"""Up to when a container that ended is said to have done so at once."""

LOOK_SECONDS = 0.5
"""How often a container is looked at; its end is noticed at once."""


HEALTH_DEFAULTS = {"Interval": 30 * NANOSECONDS, "Timeout": 30 * NANOSECONDS, "StartPeriod": 0}
DEFAULT_RETRIES = 3

LONGEST_HEALTH_SECONDS = 3600.0
"""How long a container is waited for whose healthcheck would leave it days to become healthy."""

LAST_WORDS = 200
"""Letters of a container's line that are quoted."""

LAST_LINES = 20
"""Lines of a container that did not come up that go into the job's log."""

LAST_BYTES = 64 << 10
"""Bytes of its log that they are looked for in."""

SHORTEST_SECRET = 4
"""Letters of a variable's value from which on it is not quoted."""


def wait_until_up(
    docker: Docker,
    container_id: str,
    *,
    on_wait: Callable[[], None] | None = None,
    may_end: bool = True,
    settle_seconds: float = SETTLE_SECONDS,
) -> None:
    """Return when a container that was just started is up.

    That is: healthy, where it has a healthcheck; still running after so long, where it has none;
    or, unless `may_end` is False, at its end with exit code 0, as one that does its work and goes.
    Raise DidNotStart otherwise. `on_wait` is called while waiting and may raise to give up.
    """
    patience = settle_seconds
    inspect = docker.inspect_container(container_id)
    checked = has_healthcheck(inspect)
    if checked:
        patience = health_seconds(inspect["Config"]["Healthcheck"])
    until = time.monotonic() + patience
    while True:
        left = until - time.monotonic()
        code = exit_code_within(docker, inspect["Id"], min(LOOK_SECONDS, left))
        if code is None:
            inspect = docker.inspect_container(inspect["Id"])
            code = code_of_end(docker, inspect)
        if code is not None:
            return judge_end(docker, inspect, code, may_end=may_end)
        health = (inspect["State"].get("Health") or {}).get("Status")
        if health == "healthy":
            return None
        if health == "unhealthy":
            raise did_not_start(docker, inspect, "is unhealthy", last_probe(inspect))
        if time.monotonic() >= until:
            break
        if on_wait:
            on_wait()
    if checked:
        what = f"did not become healthy within {patience:.0f} seconds"
        if own_health_seconds(inspect["Config"]["Healthcheck"]) > patience:
            what += ", the longest that is waited for"
        raise did_not_start(docker, inspect, what, last_probe(inspect))
    return None


def has_healthcheck(inspect: Mapping[str, Any]) -> bool:
    """Whether the Engine asks the container how it is."""
    return is_check(inspect["Config"].get("Healthcheck")) and "Health" in inspect["State"]


def is_check(healthcheck: Mapping[str, Any] | None) -> bool:
    """Whether a `Healthcheck` is one; `NONE` switches the image's off."""
    test = (healthcheck or {}).get("Test") or []
    return bool(test) and test[0] != "NONE"


def health_seconds(healthcheck: Mapping[str, Any]) -> float:
    """How long a healthcheck is waited for: as long as its own settings give it, and at most
    `LONGEST_HEALTH_SECONDS`."""
    return min(own_health_seconds(healthcheck), LONGEST_HEALTH_SECONDS)


def own_health_seconds(healthcheck: Mapping[str, Any]) -> float:
    """How long a healthcheck may take to say healthy or unhealthy, by its own settings.

    `start period + (retries + 1) * (interval + timeout)`: the start period, in which failures do
    not count, and then as many probes as it may fail and one more, each after its interval and
    each running into its timeout. What is not set is the Engine's: 0, 3, 30 s and 30 s.
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


def judge_end(docker: Docker, inspect: Mapping[str, Any], code: int, *, may_end: bool) -> None:
    """Raise DidNotStart if a container that has ended did so with an error, or was to go on."""
    if code == 0 and may_end:
        return
    # It may have been looked at last while it ran.
    inspect = container_if_there(inspect["Id"]) or inspect
    lines = last_lines(docker, inspect)
    reason = inspect["State"].get("Error") or (lines[-1] if lines else "")
    what = f"{ended(inspect['State'])} with exit code {code}"
    raise did_not_start(docker, inspect, what, reason, lines)


def ended(state: Mapping[str, Any]) -> str:
    """How soon a container ended; of one that was started again since, the Engine has no times.

    One that ends at once may have done so before the moment that the Engine gives for its start.
    """
    began, end = moment(state["StartedAt"]), moment(state["FinishedAt"])
    if state["Running"] or began is None or end is None:
        return "ended"
    seconds = (end - began).total_seconds()
    return "ended at once" if seconds < AT_ONCE_SECONDS else f"ended after {seconds:.0f} seconds"


def did_not_start(
    docker: Docker,
    inspect: Mapping[str, Any],
    what: str,
    reason: str,
    lines: list[str] | None = None,
) -> DidNotStart:
    """The problem, with the last lines of the container; no value of a variable is in it."""
    values = own_values(docker, inspect)
    lines = last_lines(docker, inspect) if lines is None else lines
    told = quotable(masked(reason, values))
    sentence = f"The container {name_in(inspect)} {what}{f': {told}' if told else ''}."
    return DidNotStart(sentence, [quotable(masked(line, values)) for line in lines])


def last_probe(inspect: Mapping[str, Any]) -> str:
    """What the last probe of a healthcheck said."""
    probes = (inspect["State"].get("Health") or {}).get("Log") or []
    return str(probes[-1].get("Output") or "") if probes else ""


def last_lines(docker: Docker, inspect: Mapping[str, Any]) -> list[str]:
    """The last lines that a container wrote, where the Engine keeps what it writes."""
    if inspect["HostConfig"]["AutoRemove"]:
        return []
    if inspect["HostConfig"]["LogConfig"]["Type"] not in ("json-file", "local", "journald"):
        return []
    output: bytes = docker.logs(inspect["Id"], tail=LAST_LINES)
    lines = output[-LAST_BYTES:].decode(errors="replace").splitlines()
    return [line for line in lines if line.strip()]


def own_values(docker: Docker, inspect: Mapping[str, Any]) -> list[str]:
    """The values of the variables that were given to a container, not by its image."""
    image = docker.find_image(inspect["Image"]) or {}
    given = set((image.get("Config") or {}).get("Env") or [])
    own = [
        text.partition("=")[2] for text in inspect["Config"].get("Env") or [] if text not in given
    ]
    return sorted((value for value in own if len(value) >= SHORTEST_SECRET), key=len, reverse=True)


def masked(text: str, values: list[str]) -> str:
    """A text in which none of the values stands."""
    for value in values:
        text = text.replace(value, DOTS)
    return text


def quotable(text: str) -> str:
    """The last line of a text, shortened, fit to be quoted in a sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in (lines or [""])[-1])
    return shown[:LAST_WORDS].rstrip(".")
