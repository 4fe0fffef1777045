"""What may be asked for when a program is run in a container, checked before the Engine sees it."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from containermonkey.problems import Invalid

LONGEST_COMMAND = 32 << 10
"""Bytes of a command with all its arguments; Linux takes more, people need less."""

LONGEST_WORDS = 300

SHELL: tuple[str, ...] = (*("sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh"),)
"""bash where there is one, else sh, found in one call of the Engine. A fixed text: nothing that
somebody sends becomes part of it."""


@dataclass(frozen=True)
class Size:
    """Of a terminal, in characters."""

    cols: int = 80
    rows: int = 24

    MOST = 1000

    @classmethod
    def of(cls, cols: object, rows: object) -> "Size":
        """From what somebody sent. Raise Invalid for what no terminal has."""
        return cls(length("cols", cols), length("rows", rows))


@dataclass(frozen=True)
class Program:
    """What is run, as whom (empty: as the container has it) and where.

    `environment` is added to that of the container.
    """

    command: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        command: str | Sequence[str] = "",
        user: str = "",
        workdir: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> "Program":
        """From what somebody sent; a command in one string is split as a shell would.

        Raise Invalid, naming the field, for what no program can be run with.
        """
        return cls(
            arguments(command),
            plain_words("user", user),
            absolute("workdir", workdir),
            checked_environment(environment or {}),
        )

    @property
    def words(self) -> str:
        """The command in one line, as one would type it."""
        return in_one_line(self.command)

    def variables(self) -> list[str]:
        return [f"{name}={value}" for name, value in self.environment.items()]


def in_one_line(words: Iterable[str]) -> str:
    """A command as one would type it, as far as people read."""
    return shlex.join(words)[:LONGEST_WORDS]


def arguments(command: str | Sequence[str]) -> tuple[str, ...]:
    """The argument list that a command stands for; empty for an empty one."""
    try:
        split = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError as error:
        raise wrong("command", f"cannot be split into words: {str(error).lower()}") from None
    if not all(is_text(word) for word in split):
        raise wrong("command", "must not hold halves of characters")
    if any("\0" in word for word in split):
        raise wrong("command", "must not hold a zero byte")
    if sum(len(word.encode()) + 1 for word in split) > LONGEST_COMMAND:
        raise wrong("command", f"must not be longer than {LONGEST_COMMAND} bytes")
    if split and not split[0]:
        raise wrong("command", "must begin with the name of a program")
    return tuple(split)


def is_text(word: str) -> bool:
    """Whether it can be written: JSON may hold one half of a character that is made of two."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def checked_environment(environment: Mapping[str, str]) -> dict[str, str]:
    for name, value in environment.items():
        if not name or "=" in name or "\0" in name:
            raise wrong("environment", "must have names without “=”")
        if "\0" in value:
            raise wrong("environment", "must have values without a zero byte")
    return dict(environment)


def absolute(field: str, path: str) -> str:
    if path and not path.startswith("/"):
        raise wrong(field, "must begin with “/”")
    return plain_words(field, path, longest=4096)


def plain_words(field: str, text: str, longest: int = 255) -> str:
    if len(text) > longest or not all(letter.isprintable() for letter in text):
        raise wrong(field, f"must be at most {longest} letters, and none of them unseen")
    return text


def length(field: str, value: object) -> int:
    """A number of columns or rows."""
    reason = f"must be a number from 1 to {Size.MOST}"
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong(field, reason)
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= Size.MOST):
        raise wrong(field, reason)
    return int(text)


NAMES = {"workdir": "working folder", "cols": "number of columns", "rows": "number of rows"}


def wrong(field: str, reason: str) -> Invalid:
    return Invalid(f"The {NAMES.get(field, field)} {reason}.", fields={field: reason})
