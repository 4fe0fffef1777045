"""Variables of a compose file: what `${NAME}` stands for, from what was given and nothing else.

They are put in here and not by the compose plugin, which would look into the environment of this
program; and the file is checked with their values in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from containermonkey.problems import Invalid

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}", re.ASCII)
UNFIT = re.compile("[\n\r\0\ud800-\udfff]")
"""What ends a line, and what no database and no program takes."""

OPERATORS = (":-", ":?", ":+", "-", "?", "+")

MOST = 500
LONGEST_VALUE = 32 << 10
LARGEST = 256 << 10
"""Letters of all values."""

DEEPEST = 10
"""Defaults within defaults."""

MOST_WRITTEN = 4 << 20
"""Letters of a file with its variables put in."""


def variables_in(lines: str) -> dict[str, str]:
    """The variables of `NAME=value` lines; empty ones and `#` lines are passed over.

    Raise Invalid with the number of the line that is at fault.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(lines.splitlines(), start=1):
        text = line.strip().removeprefix("export ").lstrip()
        if not text or text.startswith("#"):
            continue
        name, is_set, value = text.partition("=")
        if not is_set:
            raise wrong(f"must be NAME=value lines; line {number} is none")
        found[name.strip()] = unquoted(value.strip())
    return checked(found)


def unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def checked(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, if they can be some. Raise Invalid otherwise."""
    if len(variables) > MOST or sum(map(len, variables.values())) > LARGEST:
        raise wrong(f"must be at most {MOST} variables with {LARGEST:,} letters in all")
    for name, value in variables.items():
        if not NAME.fullmatch(name):
            raise wrong("must have names of letters, digits and underscores")
        if len(value) > LONGEST_VALUE or UNFIT.search(value):
            raise wrong(f"must have values of one line; that of {name} is none, or is too long")
    return dict(variables)


def as_lines(variables: Mapping[str, str]) -> str:
    """The variables as `variables_in` reads them."""
    quoted = {name: f'"{v}"' if v != unquoted(v.strip()) else v for name, v in variables.items()}
    return "".join(f"{name}={value}\n" for name, value in quoted.items())


@dataclass
class Filled:
    """Puts variables in; `unset` are those that were asked for and not given."""

    variables: Mapping[str, str]
    unset: dict[str, None] = field(default_factory=dict)
    letters: int = 0

    def value(self, found: Any) -> Any:
        """The same value with every text in it filled in; keys stay as they are."""
        if isinstance(found, str):
            return self.text(found)
        if isinstance(found, list):
            return [self.value(each) for each in found]
        if isinstance(found, dict):
            return {key: self.value(each) for key, each in found.items()}
        return found

    def text(self, text: str) -> str:
        filled = self._filled(text) if "$" in text else text
        self.letters += len(filled)
        if self.letters > MOST_WRITTEN:
            raise Invalid(
                "The compose file becomes too large with its variables put in.",
                fields={"compose": "becomes too large with its variables put in"},
            )
        return filled

    def _filled(self, text: str, depth: int = 0) -> str:
        if depth > DEEPEST:
            raise wrong_use(text[:20])
        parts, place = [], 0
        while (found := text.find("$", place)) >= 0:
            parts.append(text[place:found])
            piece, place = self._one(text, found, depth)
            parts.append(piece)
        return "".join([*parts, text[place:]])

    def _one(self, text: str, place: int, depth: int) -> tuple[str, int]:
        """What stands for the `$` at this place, and where the text goes on."""
        if text.startswith("$$", place):
            return "$", place + 2
        if text.startswith("${", place):
            end = end_of(text, place + 2)
            return self._braced(text[place + 2 : end], depth), end + 1
        if match := NAME.match(text, place + 1):
            return self._plain(match[0]), match.end()
        raise wrong_use(text[place : place + 20])

    def _plain(self, name: str) -> str:
        if name not in self.variables:
            self.unset[name] = None
        return self.variables.get(name, "")

    def _braced(self, inner: str, depth: int) -> str:
        match = NAME.match(inner)
        if match is None:
            raise wrong_use(f"${{{inner[:20]}")
        name, rest = match[0], inner[match.end() :]
        operator = next((each for each in OPERATORS if rest.startswith(each)), "")
        if rest and not operator:
            raise wrong_use(f"${{{inner[:20]}")
        if not operator:
            return self._plain(name)
        return self._chosen(name, operator, rest[len(operator) :], depth)

    def _chosen(self, name: str, operator: str, other: str, depth: int) -> str:
        """As a shell has it: with a colon, what is empty counts as not given."""
        value = self.variables.get(name)
        is_given = bool(value) if operator[0] == ":" else value is not None
        if operator[-1] == "+":
            return self._filled(other, depth + 1) if is_given else ""
        if is_given:
            return value or ""
        if operator[-1] == "?":
            reason = f"needs the variable {name}{f': {other[:200]}' if other else ''}"
            raise Invalid(f"The compose file {reason}.", fields={"env": f"must have {name}"})
        return self._filled(other, depth + 1)


def end_of(text: str, place: int) -> int:
    """Where the brace is that ends what begins at this place; others may lie within."""
    depth = 1
    for at in range(place, len(text)):
        if text[at] == "{" and text[at - 1] == "$":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
    raise wrong_use(text[place - 2 : place + 18])


def unexpanded(found: Any) -> Any:
    """The value as the plugin has to read it so that it takes no `$` for a variable."""
    if isinstance(found, str):
        return found.replace("$", "$$")
    if isinstance(found, list):
        return [unexpanded(each) for each in found]
    if isinstance(found, dict):
        return {key: unexpanded(each) for key, each in found.items()}
    return found


def wrong_use(text: str) -> Invalid:
    reason = f"has a variable that cannot be read at “{text}”; a dollar sign itself is $$"
    return Invalid(f"The compose file {reason}.", fields={"compose": reason})


def wrong(reason: str) -> Invalid:
    return Invalid(f"The variables {reason}.", fields={"env": reason})
