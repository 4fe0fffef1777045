"""A compose file made ready for the plugin: read, its variables put in, and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.deploy.reading import read_compose, written
from stacks.deploy.rules import check
from stacks.deploy.variables import Filled, unexpanded


@dataclass(frozen=True)
class Resolved:
    """`content` is what the plugin gets; `name` what the file calls itself, where it does."""

    content: bytes
    name: str
    notes: list[str]


def resolve(text: str, variables: Mapping[str, str]) -> Resolved:
    """Raise Invalid for everything that is wrong with the file or its variables."""
    filling = Filled(variables)
    compose = filling.value(read_compose(text))
    check(compose)
    notes = [f"The variable {name} is not given; an empty one is taken." for name in filling.unset]
    for service in compose["services"].values():
        notes += take_environment(service, variables)
    name = compose.pop("name", "")
    compose.pop("version", None)  # says nothing to the plugin any more
    return Resolved(written(unexpanded(compose)), str(name or ""), notes)


def take_environment(service: dict[str, Any], variables: Mapping[str, str]) -> list[str]:
    """Give the variables their values that are named alone, as `- TZ`; what is left out.

    The plugin would take them from its own environment.
    """
    found = service.get("environment")
    if isinstance(found, list):
        pairs = [text_of(each).partition("=") for each in found]
        wanted = {name: value if is_set else None for name, is_set, value in pairs}
    elif isinstance(found, dict):
        wanted = found
    else:
        return []
    service["environment"] = {
        name: variables.get(name) if value is None else value
        for name, value in wanted.items()
        if value is not None or name in variables
    }
    return [
        f"The variable {name} has no value and is not set."
        for name, value in wanted.items()
        if value is None and name not in variables
    ]


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
