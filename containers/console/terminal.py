"""The life of a console: a program at a terminal in a container, from its start to its end.

A console that waits costs a few tasks of asyncio, and neither a thread nor a call of the Engine.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from containermonkey.problems import Conflict, EngineUnreachable, NotFound, Problem
from containers.console import ending, execs
from containers.console.execs import Exec, NoSuchProgram, Target
from containers.console.options import SHELL, Program, Size
from containers.console.trail import of_program, write_down
from engine import wire

logger = logging.getLogger(__name__)

SHELLS = (SHELL, ("bash",))

RESIZE_PAUSE, RESIZE_ATTEMPTS = 0.05, 20
"""Seconds: the Engine takes a new size only once the program is up."""

KILLED, LAST_LOOKS = 137, 25
"""A container's end kills its programs a moment before the Engine says that it has ended."""


@dataclass(frozen=True)
class Outcome:
    """How a program ended; the code is None where the Engine does not know it any more."""

    code: int | None
    reason: str = ""


@dataclass
class Terminal:
    """A program that runs, and the connection to it."""

    made: Exec
    answer: wire.Answer
    stack: AsyncExitStack
    size: Size
    began: float = field(default_factory=time.monotonic)
    exit_code: int | None = None
    _resizing: asyncio.Task[None] | None = None
    _closed: asyncio.Task[None] | None = None

    def output(self) -> AsyncIterator[bytes]:
        """What the program writes, in pieces of at most 64 KiB. Reading slowly slows it down."""
        return self.answer.blocks()

    def type_at_once(self, content: bytes) -> bool:
        """Send what is typed without waiting; False where the program takes nothing just now."""
        writer = self.answer.writer
        if writer.transport.get_write_buffer_size() or writer.is_closing():
            return False
        writer.write(content)
        return True

    async def type(self, content: bytes) -> None:
        """Send what is typed; waits while the program takes nothing."""
        await self.answer.send(content)

    def resize(self, size: Size) -> None:
        """Have the terminal get another size, soon; of several only the last matters."""
        self.size = size
        if self._resizing is None or self._resizing.done():
            self._resizing = asyncio.create_task(self._resize())

    async def outcome(self) -> Outcome:
        """How it ended, once there is no more output."""
        try:
            state = await execs.ended_within(self.made, execs.EXIT_PATIENCE)
        except NotFound:
            return Outcome(None, f"{self.made.target.name} has been removed.")
        self.exit_code = state.exit_code
        return Outcome(state.exit_code, await why(self.made.target, state.exit_code))

    def close(self) -> asyncio.Task[None]:
        """End the program if it still runs, and the connection. May be called twice."""
        if self._closed is None:
            self._closed = ending.in_the_background(self._close())
        return self._closed

    async def _resize(self) -> None:
        set_size = None
        for _ in range(RESIZE_ATTEMPTS):
            wanted = self.size
            try:
                await execs.resize(self.made, wanted)
                set_size = wanted
            except Problem:
                if not (await self._still_runs()):
                    return
            if set_size == self.size:
                return
            await asyncio.sleep(RESIZE_PAUSE)

    async def _still_runs(self) -> bool:
        try:
            return (await execs.state_of(self.made)).running
        except Problem:
            return False

    async def _close(self) -> None:
        if self._resizing:
            self._resizing.cancel()
        state = await ending.end(self.made, answer=self.answer)
        await self.stack.aclose()
        if state is None:
            logger.warning("A console's program in %s could not be ended", self.made.target.name)
        await self._write_down(state)
        if state is None:
            await ending.end_later(self.made)

    async def _write_down(self, state: execs.State | None) -> None:
        code = state.exit_code if state and state.exit_code is not None else self.exit_code
        await write_down(
            "console.close",
            self.made.target,
            problem="" if state else "Its program could not be ended; it is tried again.",
            exit_code=code,
            seconds=round(time.monotonic() - self.began, 1),
        )


async def open_terminal(reference: str, program: Program, size: Size) -> Terminal:
    """Start a program at a terminal of its own; without a command bash, else sh.

    Raise NotFound, NotAllowed, or Conflict for a container in which nothing can be run, and the
    Engine's reason where it cannot be this program. Leaves a line in the audit trail.
    """
    target = await execs.running_container(reference)
    try:
        terminal = await start(target, program, size)
    except Problem as problem:
        await write_down("console.open", target, problem=str(problem), **of_program(program))
        raise
    try:
        await write_down("console.open", target, **of_program(program))
    except BaseException:
        terminal.close()
        raise
    return terminal


async def start(target: Target, program: Program, size: Size) -> Terminal:
    """Start the program; without a command the first shell that the container has."""
    if program.command:
        return await start_one(target, program, size)
    for shell in SHELLS:
        try:
            return await start_one(target, replace(program, command=shell), size)
        except NoSuchProgram:
            continue
    raise Conflict(
        f"{target.name} has no shell: its image brings neither bash nor sh. "
        "Give a command that it has."
    )


async def start_one(target: Target, program: Program, size: Size) -> Terminal:
    made = await execs.create(target, program, terminal=True)
    answer: wire.Answer | None = None
    async with AsyncExitStack() as stack:
        try:
            answer = await stack.enter_async_context(execs.started(made, terminal=True, size=size))
            await execs.refuse_unless_started(made, answer)
        except (asyncio.CancelledError, EngineUnreachable):
            # It may have been started all the same.
            ending.in_the_background(forget(made, answer, stack.pop_all()))
            raise
        terminal = Terminal(made, answer, stack.pop_all(), size)
    terminal.resize(size)
    return terminal


async def forget(made: Exec, answer: wire.Answer | None, stack: AsyncExitStack) -> None:
    """End what was started for somebody who has gone meanwhile, and the connection if there is."""
    async with stack:
        state = await ending.end(made, answer=answer)
    if state is None:
        await ending.end_later(made)


async def why(target: Target, code: int | None) -> str:
    """The reason why a program ended, where that is its container's end."""
    for _ in range(LAST_LOOKS if code == KILLED else 1):
        try:
            found = await wire.ask("GET", f"/containers/{target.id}/json")
        except NotFound:
            return f"{target.name} has been removed."
        if not found["State"]["Running"]:
            return f"{target.name} has stopped."
        await asyncio.sleep(execs.EXIT_POLL)
    return ""
