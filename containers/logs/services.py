"""What may be asked of a container's log."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync

from containermonkey.problems import Problem
from containers.logs.options import LogOptions
from containers.logs.reading import Log, log_text
from containers.logs.reading import read_log as read
from containers.queries import refuse_hidden
from engine import engine


def inspected(reference: str) -> dict[str, Any]:
    """The inspect of a container whose log may be read.

    Raise NotFound if there is none, NotAllowed if it is Container Monkey itself.
    """
    with engine() as docker:
        inspect = docker.find_container(reference)
    refuse_hidden(inspect)
    return inspect


def read_log(reference: str, options: LogOptions) -> Log:
    """The last lines of a container's log, those of a search the last that were found."""
    return async_to_sync(read)(inspected(reference), options)


@dataclass(frozen=True)
class Shown:
    """A log for a page; with a `problem` there is none, because its driver keeps it elsewhere."""

    log: Log
    problem: Problem | None = None


def shown_log(inspect: dict[str, Any], options: LogOptions) -> Shown:
    """The last lines for a page, which is to come also where the log cannot be read."""
    try:
        return Shown(async_to_sync(read)(inspect, options))
    except Problem as problem:
        return Shown(Log([], 0), problem)


def download_log(reference: str, options: LogOptions) -> tuple[str, AsyncGenerator[bytes, None]]:
    """The container's name, and its log as bytes on their way, however long it is."""
    inspect = inspected(reference)
    return inspect["Name"].removeprefix("/"), log_text(inspect, options.whole())
