"""How the configuration and the state of one container are told about on its pages."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.masks import DOTS
from containers.annotations import Coverage
from containers.types import ContainerDetails, Healthcheck, Mount, Resources
from engine.times import moment

LARGEST_SHOWN = 256 << 10
"""Characters of an inspect that are put on a page; all of it can be downloaded."""

LONGEST_OUTPUT = 2000
"""Characters of what a healthcheck said that are put on a page."""


@dataclass(frozen=True)
class HealthResult:
    """What a healthcheck found; `output` is cut where it is long."""

    started: datetime | None
    exit_code: int
    output: str

    @property
    def good(self) -> bool:
        return self.exit_code == 0


@dataclass(frozen=True)
class MountLine:
    mount: Mount
    coverage: Coverage


@dataclass(frozen=True)
class VariableLine:
    """A variable of the environment; `value` is None while nobody has asked for it."""

    number: int
    key: str
    value: str | None


def state_facts(details: ContainerDetails) -> list[tuple[str, Any]]:
    """What the badge does not say: when it began and ended, how, and how often."""
    state = details.inspect["State"]
    over = details.status in ("exited", "dead")
    lines = [
        ("Started", moment(state.get("StartedAt"))),
        ("Ended", moment(state.get("FinishedAt")) if over else None),
        ("Exit code", str(state.get("ExitCode")) if over else None),
        ("Out of memory", "The kernel ended it" if state.get("OOMKilled") else None),
        ("Error", state.get("Error")),
        ("Restarts", details.inspect.get("RestartCount") or None),
    ]
    return [(name, value) for name, value in lines if value is not None and value != ""]


def health_results(details: ContainerDetails) -> list[HealthResult]:
    """The last results of the healthcheck that the Engine keeps, the newest first."""
    log = (details.inspect["State"].get("Health") or {}).get("Log") or []
    return [
        HealthResult(
            moment(entry.get("Start")),
            entry.get("ExitCode", 0),
            shortened(entry.get("Output") or "", LONGEST_OUTPUT),
        )
        for entry in reversed(log)
    ]


def facts(details: ContainerDetails) -> list[tuple[str, Any]]:
    """The plain lines of the configuration; what is not set is left out."""
    policy = details.restart_policy
    retries = f", at most {policy.maximum_retry_count} times" if policy.maximum_retry_count else ""
    lines = [
        ("Image", details.image),
        ("Command", " ".join(details.command)),
        ("Entry point", " ".join(details.entrypoint)),
        ("Working directory", details.working_dir),
        ("User", details.user),
        ("Host name", details.hostname),
        ("Restart policy", f"{policy.name}{retries}"),
        ("Healthcheck", healthcheck(details.healthcheck)),
        ("Id", details.id),
    ]
    return [(name, value) for name, value in lines if value]


def healthcheck(check: Healthcheck | None) -> str:
    """The healthcheck in words: what is run, and the settings that are not the Engine's own."""
    if check is None:
        return ""
    settings = [
        f"every {check.interval:g} s" if check.interval else "",
        f"within {check.timeout:g} s" if check.timeout else "",
        f"after {check.start_period:g} s" if check.start_period else "",
        f"{check.retries} failures" if check.retries else "",
    ]
    words = " ".join(check.test[1:] if check.test[0] in ("CMD", "CMD-SHELL") else check.test)
    told = ", ".join(word for word in settings if word)
    return f"{words} ({told})" if told else words


def limits(resources: Resources) -> list[tuple[str, int | float | str, bool]]:
    """The limits that are set: name, value, and whether the value is an amount of bytes."""
    lines = [
        ("CPUs", resources.cpus, False),
        ("CPU shares", resources.cpu_shares, False),
        ("CPU set", resources.cpuset_cpus, False),
        ("Memory", resources.memory, True),
        ("Memory reserved", resources.memory_reservation, True),
        ("Memory and swap", resources.memory_swap, True),
        ("Processes", resources.pids_limit, False),
    ]
    return [(name, value, is_size) for name, value, is_size in lines if value is not None]


def mount_lines(details: ContainerDetails, coverage: Mapping[str, Coverage]) -> list[MountLine]:
    """The mounts, each with what is known of its backup."""
    return [
        MountLine(mount, coverage.get(mount.destination, Coverage())) for mount in details.mounts
    ]


def variables(details: ContainerDetails, shown: str) -> list[VariableLine]:
    """The environment; `shown` is the number of the variable whose value is asked for, or `all`."""
    return [
        VariableLine(number, each.key, each.value if shown in ("all", str(number)) else None)
        for number, each in enumerate(details.environment)
    ]


def inspect_text(details: ContainerDetails, *, with_values: bool) -> str:
    """The Engine's whole answer as JSON; without the values of the environment unless asked."""
    inspect = details.inspect
    if not with_values:
        inspect = deepcopy(inspect)
        inspect["Config"]["Env"] = [f"{each.key}={DOTS}" for each in details.environment]
    return json.dumps(inspect, indent=2, ensure_ascii=False)


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
