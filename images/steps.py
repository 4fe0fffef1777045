"""What was set while an image was made, as variables and arguments, and how to leave that out."""

import re
from copy import deepcopy
from typing import Any

from accounts.masks import DOTS

SETTING = re.compile(r"(?:^|(?<=\s))([A-Za-z_][A-Za-z0-9_.-]*)=")
SET_STEP = re.compile(r"(?:/bin/sh -c )?(?:#\(nop\)\s+)?(?:ENV |ARG (?=.*=))", re.DOTALL)
NUMBER_OF_ARGUMENTS = re.compile(r"\|(\d{1,4})")
ARGUMENTS = re.compile(r"\|\d+ (.*?)(?= /bin/sh -c | cmd /S /C |$)", re.DOTALL)


def without_values(step: str) -> str:
    """A step of a history in which what was set as a variable or build argument is hidden."""
    if found := SET_STEP.match(step):
        return f"{found[0]}{names_alone(step[found.end() :])}"
    return ARGUMENTS.sub(lambda given: f"|{names_alone(given[1])}", step)


def names_alone(settings: str) -> str:
    """`A=•••••• B=••••••` of `A=1 B=two words`."""
    return " ".join(f"{name}={DOTS}" for name in SETTING.findall(settings)) or DOTS


def hidden(inspect: dict[str, Any]) -> dict[str, Any]:
    """An inspect without values: they stand in the environment and in what the last step ran."""
    copy = deepcopy(inspect)
    for config in (copy.get("Config"), copy.get("ContainerConfig")):
        if config:
            given = config.get("Env") or []
            config["Env"] = [f"{text.partition('=')[0]}={DOTS}" for text in given]
    if ran := (copy.get("ContainerConfig") or {}).get("Cmd"):
        copy["ContainerConfig"]["Cmd"] = words_without_values(ran)
    return copy


def words_without_values(ran: list[str]) -> list[str]:
    """What a step ran, word by word: `|2 A=1 B=2` before it are two build arguments."""
    counted_first = NUMBER_OF_ARGUMENTS.fullmatch(ran[0])
    end = 1 + int(counted_first[1]) if counted_first else 0
    return [*map(names_alone, ran[:end][1:]), *map(without_values, ran[end:])]
