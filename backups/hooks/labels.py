"""What a container's labels ask for around its backup."""

import json
from dataclasses import dataclass
from typing import Any

from backups.errors import CannotBackUp
from containermonkey.problems import Invalid
from containers.console.options import Program

PREFIX = "container-monkey.backup."

TIMEOUT, LONGEST_TIMEOUT = 300, 24 * 3600
"""Seconds."""


@dataclass(frozen=True)
class Hooks:
    """What is run in a container before and after its data is read, and for how many seconds."""

    before: Program | None = None
    after: Program | None = None
    timeout: int = TIMEOUT

    def __bool__(self) -> bool:
        return bool(self.before or self.after)

    @property
    def words(self) -> list[tuple[str, str]]:
        """When and what, as people are told of it beforehand."""
        programs = {"Before": self.before, "After": self.after}
        return [(when, program.words) for when, program in programs.items() if program]


def hooks_of(inspect: dict[str, Any]) -> Hooks:
    """The hooks of a container. Raise CannotBackUp for labels that make no sense.

    A command is a JSON array of its words, or plain words, which are split as a shell would and
    handed to the Engine as a list all the same.
    """
    found = inspect["Config"].get("Labels") or {}
    labels = {
        label.removeprefix(PREFIX): text
        for label, text in found.items()
        if label.startswith(PREFIX)
    }
    return Hooks(program(labels, "pre"), program(labels, "post"), timeout(labels))


def program(labels: dict[str, str], name: str) -> Program | None:
    """The command of one label, with the user and working folder that go for all of them."""
    if not labels.get(name, "").strip():
        return None
    command = words_of(name, labels[name])
    try:
        return Program.of(command, labels.get("user", ""), labels.get("workdir", ""))
    except Invalid as problem:
        raise wrong(name, str(problem)) from None


def words_of(name: str, text: str) -> str | list[str]:
    """A command as a list of words, or as one string that has yet to be split."""
    if not text.lstrip().startswith("["):
        return text
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        raise wrong(name, "It begins as a JSON array and is none.") from None
    if not words or not all(isinstance(word, str) for word in words):
        raise wrong(name, "A JSON array has to hold the words of a command, as strings.")
    return list(words)


def timeout(labels: dict[str, str]) -> int:
    text = labels.get("timeout", "").strip() or str(TIMEOUT)
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST_TIMEOUT:
        return int(text[:9])
    raise wrong("timeout", f"It must be a number of seconds from 1 to {LONGEST_TIMEOUT}.")


def wrong(name: str, reason: str) -> CannotBackUp:
    return CannotBackUp(f"The container's label {PREFIX}{name} cannot be followed. {reason}")
