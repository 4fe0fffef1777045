"""Running the hooks of a container around the reading of its data."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from accounts.masks import masked_text
from backups.errors import CannotBackUp
from backups.hooks.labels import LONGEST_TIMEOUT, Hooks, hooks_of
from containermonkey.problems import EngineUnreachable, Problem
from containers.acts import container_if_there, container_named
from containers.console.options import Program
from containers.console.running import Ran, run_command
from containers.starting import masked, own_values, quotable
from engine import engine
from jobs.registry import undo_action
from jobs.running import RunningJob
from jobs.undo import NotAgain

RUN_AFTER = "backups.run_after_hook"

LOGGED_LINES = 20
"""The last lines of a command's output that go into the job's log."""

LOOK_SECONDS = 1.0
"""How often a job that waits for a command asks whether it is to end."""


@contextmanager
def hooked(
    running: RunningJob, inspect: dict[str, Any], warn: Callable[[str], None]
) -> Iterator[None]:
    """Run what a container's labels ask for before and after the block.

    What comes before may fail, and then raises CannotBackUp; what comes after is reported to
    `warn`. Once the first has begun the second is run too, however that or the block ends: a
    database is not to be left in a backup's mode. So it is in the job's undo before anything runs.
    """
    hooks = hooks_of(inspect)
    if hooks and not inspect["State"]["Running"]:
        name = name_of(inspect)
        warn(f"{name} does not run, so the commands that its labels ask for were not run.")
        hooks = Hooks()
    key = write_down(running, inspect, hooks.after, hooks.timeout) if hooks.after else None
    if hooks.before:
        run_before(running, inspect, hooks.before, hooks.timeout)
    yield
    if hooks.after and key is not None:
        run_after(running, inspect, hooks.after, hooks.timeout, warn)
        running.undo.drop(key)


def name_of(inspect: dict[str, Any]) -> str:
    return str(inspect["Name"]).removeprefix("/")


def write_down(running: RunningJob, inspect: dict[str, Any], program: Program, timeout: int) -> int:
    """Have the command after in the job's undo; the key of the entry."""
    return running.undo.write(
        RUN_AFTER,
        container_id=inspect["Id"],
        name=name_of(inspect),
        command=list(program.command),
        user=program.user,
        workdir=program.workdir,
        timeout=timeout,
    )


def run_before(
    running: RunningJob, inspect: dict[str, Any], program: Program, timeout: int
) -> None:
    """Run the command before. Raise CannotBackUp where it cannot be run, or fails."""
    name = name_of(inspect)
    running.step(f"Running the command before, in {name}: {masked_text(program.words)}")
    try:
        ran = run(inspect["Id"], program, timeout, on_wait=running.check)
    except EngineUnreachable:
        raise
    except Problem as problem:
        message = f"The command before the backup of {name} could not be run. {problem}"
        raise CannotBackUp(message) from problem
    if failure := logged(running, inspect, ran, timeout):
        raise CannotBackUp(f"The command before the backup of {name} {failure}")


def run_after(
    running: RunningJob,
    inspect: dict[str, Any],
    program: Program,
    timeout: int,
    warn: Callable[[str], None],
) -> None:
    """Run the command after, and warn of what goes wrong with it."""
    name = name_of(inspect)
    running.step(f"Running the command after, in {name}: {masked_text(program.words)}")
    try:
        ran = run(inspect["Id"], program, timeout)
    except EngineUnreachable:
        raise
    except Problem as problem:
        warn(f"The command after the backup of {name} could not be run. {problem}")
        return
    if failure := logged(running, inspect, ran, timeout):
        warn(f"The command after the backup of {name} {failure}")


@undo_action(RUN_AFTER)
def run_after_failure(
    container_id: str, name: str, command: list[str], user: str, workdir: str, timeout: int
) -> None:
    """Run the command after in the container of a backup that did not get through.

    It is run once: raise NotAgain where it fails. Nothing is left to do where the container is
    gone.
    """
    found = container_if_there(container_id) or container_named(name)
    if found is None:
        return
    try:
        ran = run(found["Id"], Program(tuple(command), user, workdir), timeout)
    except EngineUnreachable:
        raise
    except Problem as problem:
        message = f"The command after the backup of {name} could not be run. {problem}"
        raise NotAgain(message) from problem
    if failure := failure_of(ran, said_by(found, ran), timeout):
        raise NotAgain(f"The command after the backup of {name} {failure}")


def run(
    container: str, program: Program, timeout: int, on_wait: Callable[[], None] | None = None
) -> Ran:
    """Run a command in a container to its end; `on_wait` may raise to have it ended."""
    return async_to_sync(watched)(container, program, timeout, on_wait)


async def watched(
    container: str, program: Program, timeout: int, on_wait: Callable[[], None] | None
) -> Ran:
    task = asyncio.ensure_future(run_command(container, program, timeout, LONGEST_TIMEOUT))
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_SECONDS))[0]:
            if on_wait:
                await sync_to_async(on_wait)()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    return task.result()


def failure_of(ran: Ran, said: list[str], timeout: int) -> str:
    """How a command failed, as the end of a sentence; nothing where it did not."""
    if ran.timed_out:
        return f"did not end within {timeout} seconds, and was ended."
    if ran.exit_code == 0:
        return ""
    last = f": {said[-1]}" if said else ""
    return f"failed with exit code {ran.exit_code}{last}."


def said_by(inspect: dict[str, Any], ran: Ran) -> list[str]:
    """The last lines of a command's output; no value of the container's variables is in them."""
    lines = [line for line in f"{ran.stdout}\n{ran.stderr}".splitlines() if line.strip()]
    with engine() as docker:
        values = own_values(docker, inspect)
    return [quotable(masked(line, values)) for line in lines[-LOGGED_LINES:]]


def logged(running: RunningJob, inspect: dict[str, Any], ran: Ran, timeout: int) -> str:
    """Put what a command said into the job's log; how it failed, if it did."""
    said = said_by(inspect, ran)
    for line in said:
        running.log(f"  {line}")
    return failure_of(ran, said, timeout)
