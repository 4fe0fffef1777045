"""Ending a program that nobody is connected to any more.

Closing the connection to it ends nothing: the Engine keeps its terminal open. Nor has the Engine
a call that signals it. So there are several ways, the surest that is open first, and the Engine
is asked afterwards whether the program is gone.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager

from asgiref.sync import sync_to_async

from containermonkey.problems import NotFound, Problem
from containers.console import execs, processes
from containers.console.execs import Exec
from containers.console.options import Program
from containers.console.processes import Way
from engine import engine, wire
from engine.helpers import helper_body, helper_image, removed_afterwards

logger = logging.getLogger(__name__)

PATIENCE = 1.5
"""Seconds that a program may take to end after each signal."""

LATER = (2, 5, 15, 60, 120, 300, 600, 600, 600)
"""Seconds between further attempts: the container may be paused, or the Engine away."""

HUNG_UP = (Way.HANG_UP, Way.FORCE)
STOPPED = (Way.ASK, Way.FORCE_ALL)

KEYS = (b"\x03", b"\x1c", b"\x04")
"""Ctrl-C, Ctrl-\\ and Ctrl-D, for where nothing else reaches the program."""

HELPER_LABEL = "console"
HELPER_SECONDS = 20

_ending: set[asyncio.Task[None]] = set()
"""What is being ended in the background: tasks that nobody holds are lost."""


async def end(
    made: Exec, ways: Sequence[Way] = HUNG_UP, *, answer: wire.Answer | None = None
) -> execs.State | None:
    """End a program and what it has started; its last state, or None where it could not be ended.

    `answer` is the connection to it, if there still is one.
    """
    with drained(answer):
        return await end_by_all_means(made, ways, answer)


async def end_by_all_means(
    made: Exec, ways: Sequence[Way], answer: wire.Answer | None
) -> execs.State | None:
    try:
        state = await execs.state_of(made)
        for reach in (directly, by_a_shell, by_a_helper):
            for way in ways:
                if not state.running:
                    return state
                if not await reach(made, state.pid, way):
                    break
                state = await execs.ended_within(made, PATIENCE)
        if state.running and answer:
            await by_keys(answer)
            state = await execs.ended_within(made, PATIENCE)
    except NotFound:
        return execs.State(running=False, exit_code=None, pid=0)  # its container is gone
    except (Problem, TimeoutError) as problem:
        logger.info("A program in %s cannot be ended now: %s", made.target.name, problem)
        return None
    return None if state.running else state


@contextmanager
def drained(answer: wire.Answer | None) -> Iterator[None]:
    """Have somebody take what the program still says, while it is ended.

    While nobody does, the Engine takes no notice of its end, and may not even answer for it.
    """
    if answer is None:
        yield
        return
    task = asyncio.create_task(drain(answer))
    try:
        yield
    finally:
        task.cancel()


async def drain(answer: wire.Answer) -> None:
    try:
        async for _ in answer.blocks():
            await asyncio.sleep(0)
    except Problem:
        return  # it is over


async def end_later(made: Exec, ways: Sequence[Way] = HUNG_UP) -> None:
    """Go on trying to end what could not be ended. Gives up after a good half hour, and says so."""
    for seconds in LATER:
        await asyncio.sleep(seconds)
        if await end(made, ways) is not None:
            return
    logger.warning("A program that was to be ended goes on in %s", made.target.name)


async def end_surely(made: Exec, ways: Sequence[Way]) -> None:
    """End a program now, or else go on trying."""
    if await end(made, ways) is None:
        await end_later(made, ways)


def in_the_background(work: Coroutine[None, None, None]) -> asyncio.Task[None]:
    """Have something ended while nobody waits for it."""
    task = asyncio.create_task(work)
    _ending.add(task)
    task.add_done_callback(_ending.discard)
    return task


async def directly(made: Exec, pid: int, way: Way) -> bool:
    """Signal it ourselves, where we see the host's processes as the Engine does."""

    def signalled() -> bool:
        if not processes.bears(pid, made.mark):
            return False
        processes.end_session(pid, way)
        return True

    return await asyncio.to_thread(signalled)


async def by_a_shell(made: Exec, pid: int, way: Way) -> bool:
    """Have a shell of the container do it, as the same user: others may not look for the mark."""
    for shell in ("sh", "bash"):
        command = (shell, "-c", processes.SCRIPT, shell, made.mark, way.value)
        helper = await execs.create(made.target, Program(command, made.user), terminal=False)
        async with execs.started(helper, terminal=False) as answer:
            async with asyncio.timeout(HELPER_SECONDS):
                await drain(answer)
        state = await execs.ended_within(helper, PATIENCE)
        if not state.never_started:
            return state.exit_code == 0
    return False


async def by_a_helper(made: Exec, pid: int, way: Way) -> bool:
    """Have a container of ours do it that shares the processes of this one."""
    return await sync_to_async(helper_signals, thread_sensitive=False)(made, way)


def helper_signals(made: Exec, way: Way) -> bool:
    with engine() as docker:
        image = helper_image(docker)
        if image is None:
            return False
        body = helper_body(image, [], HELPER_LABEL)
        command = ["sh", "-c", processes.SCRIPT, "sh", made.mark, way.value]
        body |= {"Entrypoint": command[:1], "Cmd": command[1:], "User": "0:0"}
        body["HostConfig"] |= {
            "PidMode": f"container:{made.target.id}",
            "CapAdd": ["SYS_PTRACE", "KILL"],  # to read other users' marks, and to signal them
        }
        with removed_afterwards(docker, body) as container:
            docker.start(container)
            return docker.wait(container, timeout=HELPER_SECONDS)["StatusCode"] == 0


async def by_keys(answer: wire.Answer) -> None:
    """Type at its terminal what ends most programs; without one there is nothing to type at."""
    try:
        async with asyncio.timeout(PATIENCE):
            for key in KEYS:
                await answer.send(key)
    except (TimeoutError, Problem):
        return
