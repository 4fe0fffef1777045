"""What may be asked of a container's log."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync

from containermonkey.problems import Problem
from containers.logs.options import LogOptions
from containers.logs.reading import Log, check_readable, log_text
from containers.logs.reading import read_log as read
from containers.mapping import name_in
from containers.queries import find_shown
from engine import engine

MOST_BYTES_ANSWERED = 16 << 20
"""Bytes of lines in an answer that is not streamed."""


def inspected(reference: str) -> dict[str, Any]:
    """The inspect of a container whose log may be read.

    Raise NotFound if there is none, NotAllowed if it is Container Monkey itself.
    """
    with engine() as docker:
        return find_shown(docker, reference)


def read_log(reference: str, options: LogOptions) -> Log:
    """The last lines of a container's log, those of a search the last that were found."""
    return async_to_sync(read)(inspected(reference), options, MOST_BYTES_ANSWERED)


@dataclass(frozen=True)
class Shown:
    """A log for a page; with a `problem` there is none, and `fields` that are at fault."""

    options: LogOptions
    log: Log
    problem: Problem | None = None

    @property
    def fields(self) -> dict[str, str]:
        return self.problem.fields if self.problem else {}


def shown_log(inspect: dict[str, Any], asked: Mapping[str, str]) -> Shown:
    """The last lines for a page, which is to come also where the log cannot be read.

    That is where its driver keeps it elsewhere, and where what is asked for makes no sense.
    """
    options = LogOptions()
    try:
        options = LogOptions.of(asked)
        return Shown(options, async_to_sync(read)(inspect, options))
    except Problem as problem:
        return Shown(options, Log([], 0), problem)


def download_log(reference: str, options: LogOptions) -> tuple[str, AsyncGenerator[bytes, None]]:
    """The container's name, and its log as bytes on their way, however long it is.

    Raise what stands against reading it before the first of them.
    """
    inspect = inspected(reference)
    async_to_sync(check_readable)(inspect)
    return name_in(inspect), log_text(inspect, options)
