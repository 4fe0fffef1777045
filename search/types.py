"""What a search finds, in plain values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a page of its own.

    `detail` is a line about it; `text` is all that is searched, in small letters.
    """

    kind: str
    label: str
    detail: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """The best things found of one kind, and how many there are.

    `url` is the list page with the same words; empty where there is none.
    """

    kind: str
    title: str
    icon: str
    things: list[Thing]
    total: int
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found; `meant` is a name that the words may have been meant for.

    With a `problem` the Engine does not answer: what it has was not looked at.
    """

    search: str
    groups: list[Group]
    total: int
    meant: str = ""
    problem: str = ""
