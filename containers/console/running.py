"""One command in a container, without a terminal: what it said, and how it ended."""

import asyncio
from dataclasses import dataclass

from containermonkey.problems import EngineUnreachable, Invalid, Problem
from containers.console import ending, execs
from containers.console.execs import Exec, State, Target
from containers.console.options import Program, wrong
from containers.console.trail import of_program, write_down
from engine import wire
from engine.frames import pieces

OUTPUT_LIMIT = 1 << 20
"""Bytes that are kept of each of the two outputs; the rest is read and dropped."""

TIMEOUT, LONGEST_TIMEOUT = 30, 600
"""Seconds."""


@dataclass(frozen=True)
class Ran:
    """What came of a command. `exit_code` is None, and `timed_out` set, where it had to be ended.

    The outputs are text: what is not UTF-8 is replaced.
    """

    exit_code: int | None
    stdout: str
    stderr: str
    truncated: bool
    timed_out: bool


class Output:
    """What a command says, up to the limit."""

    def __init__(self) -> None:
        self.kept = {"stdout": bytearray(), "stderr": bytearray()}
        self.truncated = False

    def add(self, stream: str, content: bytes) -> None:
        kept = self.kept[stream]
        left = OUTPUT_LIMIT - len(kept)
        self.truncated |= len(content) > left
        kept += content[:left]

    def text(self, stream: str) -> str:
        return self.kept[stream].decode(errors="replace")


async def run_command(
    reference: str, program: Program, timeout: int = TIMEOUT, longest: int = LONGEST_TIMEOUT
) -> Ran:
    """Run a command in a container to its end, or for `timeout` seconds; then it is ended.

    Raise Invalid for none and for one that cannot be run, NotFound, NotAllowed for ourselves,
    Conflict for a container that does not run or is paused. Leaves a line in the audit trail.
    """
    if not program.command:
        raise wrong("command", "is missing")
    if not 1 <= timeout <= longest:
        raise wrong("timeout", f"must be from 1 to {longest} seconds")
    target = await execs.running_container(reference)
    try:
        ran = await run(target, program, timeout)
    except Problem as problem:
        await write_down("container.exec", target, problem=str(problem), **of_program(program))
        raise
    late = f"It was ended after {timeout} seconds." if ran.timed_out else ""
    about = of_program(program) | {"exit_code": ran.exit_code}
    await write_down("container.exec", target, problem=late, **about)
    return ran


async def run(target: Target, program: Program, timeout: int) -> Ran:
    made = await execs.create(target, program, terminal=False)
    output = Output()
    try:
        async with execs.started(made, terminal=False) as answer:
            state = await ended(made, answer, output, timeout)
    except asyncio.CancelledError:
        if await asyncio.shield(ending.end(made, ending.STOPPED)) is None:
            ending.in_the_background(ending.end_later(made, ending.STOPPED))
        raise
    except EngineUnreachable:
        ending.in_the_background(ending.end_surely(made, ending.STOPPED))
        raise
    if state.never_started:
        raise execs.failure(output.text("stdout") + output.text("stderr"))
    return Ran(
        exit_code=None if state.running else state.exit_code,
        stdout=output.text("stdout"),
        stderr=output.text("stderr"),
        truncated=output.truncated,
        timed_out=state.running,
    )


async def ended(made: Exec, answer: wire.Answer, output: Output, timeout: int) -> State:
    """Read until the command is over; its state, `running` where it had to be ended."""
    try:
        async with asyncio.timeout(timeout):
            async for batch in pieces(answer.blocks()):
                for stream, piece in batch:
                    output.add(stream, piece)
    except TimeoutError:
        state = await execs.state_of(made)
        if state.running and not await ending.end(made, ending.STOPPED, answer=answer):
            ending.in_the_background(ending.end_later(made, ending.STOPPED))
            raise Invalid(
                "It did not end in time, and it could not be ended yet; it is tried again."
            ) from None
        return state
    return await execs.ended_within(made, execs.EXIT_PATIENCE)
