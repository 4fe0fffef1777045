"""Reading a compose file that may come from anybody: plain values, and no more than a few of them.

What was read and checked is what the compose plugin gets, written anew as JSON, so that there is
nothing in the file that two readers of YAML could take for two things.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from containermonkey.problems import Invalid

LARGEST = 1 << 20
"""Bytes of a compose file."""

MOST_WEIGHT = 100_000
"""Values of a file with every alias written out: a few lines of aliases may stand for billions."""

LETTERS = 64
"""Letters of a value that weigh as much as a further value."""

DEEPEST = 50

UNREADABLE = (ValueError, OverflowError, RecursionError, AttributeError, TypeError, LookupError)
"""What PyYAML raises for a value that its tag does not fit, as `!!int ""`."""


class Loader(yaml.CSafeLoader):
    """YAML as compose takes it: `22:22` is no number, `no` is not false, keys are words."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


for _tag, _pattern, _first in (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)$", [*"tTfF"]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*|0o?[0-7]+|0x[0-9a-fA-F]+)$", [*"-+0123456789"]),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", [*"-+0123456789."]),
    ("null", r"(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"<<$", ["<"]),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def read_compose(text: str) -> dict[str, Any]:
    """The mapping that a compose file is. Raise Invalid with what is wrong in which line."""
    if len(text.encode(errors="replace")) > LARGEST:
        raise wrong("is larger than 1 MiB")
    if not text.strip():
        raise wrong("is empty")
    try:
        check_shape(text)
        found = yaml.load(text, Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as problem:
        raise wrong(f"is no YAML that compose takes: {words_of(problem)}") from None
    except UNREADABLE:
        raise wrong("holds a value that is not what its tag says") from None
    if not isinstance(found, dict):
        raise wrong("is not a mapping with “services”")
    return found


class Shape:
    """The shape of a file as its reader comes along, before anything is made of it."""

    def __init__(self) -> None:
        self.weight = 0
        self._open: list[Node] = []
        self._anchors: dict[str, int | None] = {}

    def take(self, event: yaml.Event) -> None:
        """Raise Invalid for too much, too deep, aliases within themselves and keys twice."""
        if isinstance(event, yaml.CollectionStartEvent):
            if event.anchor:
                self._anchors[event.anchor] = None
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            self._open.append(Node(event.anchor, self.weight, is_mapping))
            self.weight += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            node = self._open.pop()
            self._end(event, node.anchor, self.weight - node.weight_before)
        elif isinstance(event, yaml.ScalarEvent):
            weight = 1 + len(event.value) // LETTERS
            self.weight += weight
            self._end(event, event.anchor, weight)
        elif isinstance(event, yaml.AliasEvent):
            size = self._anchors.get(event.anchor or "", 1)
            if size is None:
                raise wrong("has an alias within what it stands for")
            self.weight += size
            self._end(event, None, 0)
        if self.weight > MOST_WEIGHT:
            raise wrong("is too large with its aliases written out")
        if len(self._open) > DEEPEST:
            raise wrong("is nested too deeply")

    def _end(self, event: yaml.Event, anchor: str | None, weight: int) -> None:
        """A node is complete; within a mapping they are keys and values in turn."""
        if anchor:
            self._anchors[anchor] = weight
        if not self._open or not self._open[-1].is_mapping:
            return
        parent = self._open[-1]
        parent.awaits_key = not parent.awaits_key
        if parent.awaits_key:
            return
        line = event.start_mark.line + 1 if event.start_mark else 0
        if not isinstance(event, yaml.ScalarEvent):
            raise wrong(f"has a key that is no plain word in line {line}")
        if event.value in parent.keys:
            raise wrong(f"has the key “{event.value[:80]}” twice in line {line}")
        parent.keys.add(event.value)


@dataclass
class Node:
    """A list or mapping that has begun."""

    anchor: str | None
    weight_before: int
    is_mapping: bool
    awaits_key: bool = True
    keys: set[str] = field(default_factory=set)


def check_shape(text: str) -> None:
    """Raise Invalid for a file that becomes too much when it is read."""
    shape = Shape()
    for event in yaml.parse(text, Loader):
        shape.take(event)


def words_of(problem: yaml.YAMLError) -> str:
    """What a reader of YAML says, with the line; never the file's own text."""
    mark = getattr(problem, "problem_mark", None)
    what = getattr(problem, "problem", None) or "it cannot be read"
    return f"{what}{f' (line {mark.line + 1})' if mark else ''}"


def written(compose: dict[str, Any]) -> bytes:
    """The file as the plugin gets it. Raise Invalid for what is no text or no number."""
    try:
        return json.dumps(compose, ensure_ascii=False, allow_nan=False, indent=1).encode()
    except (ValueError, TypeError):
        raise wrong("holds characters or numbers that cannot be written down") from None


def wrong(reason: str) -> Invalid:
    return Invalid(f"The compose file {reason}.", fields={"compose": reason})
