"""Programs that the Engine starts beside a container's own: what it calls an exec."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from containermonkey.problems import Conflict, EngineRefused, Invalid, NotAllowed, Problem
from containers.console.options import Program, Size
from engine import wire
from engine.errors import sentence
from engine.identity import is_ours
from engine.names import checked

MARK = "CONTAINERMONKEY_EXEC"
"""The variable by whose value a program is found again among all those of its container."""

TERMINAL = "TERM=xterm-256color"

EXIT_POLL, EXIT_PATIENCE = 0.02, 2.0
"""Seconds: the end of the output comes a moment before the Engine knows the exit code."""

START_POLL, START_PATIENCE = 0.01, 30.0
REASON_LIMIT = 4096
"""Bytes of what the Engine says of why it does not start a program."""

NOT_STARTED = (126, 127)
UNKNOWN_USER = re.compile(r"find (user|group)|no matching entries|uids and gids must be in range")
MISSING = re.compile(r"executable file .*not found", re.DOTALL)
WRAPPING = re.compile(r"^OCI runtime exec failed: |exec failed: |unable to start [a-z ]+: ")


@dataclass(frozen=True)
class Target:
    """A container in which something can be run."""

    id: str
    name: str


@dataclass(frozen=True)
class Exec:
    """`mark` is the entry of the program's environment that nothing else has."""

    id: str
    target: Target
    user: str
    mark: str


@dataclass(frozen=True)
class State:
    """`pid` is the Engine's own number of the process, 0 for one that never was."""

    running: bool
    exit_code: int | None
    pid: int

    @property
    def never_started(self) -> bool:
        return not self.running and self.pid == 0 and self.exit_code in NOT_STARTED


class NoSuchProgram(Invalid):
    """The container does not have the program that was asked for."""


async def running_container(reference: str) -> Target:
    """The container in which to run something, by id, unambiguous prefix or name.

    Raise NotFound, NotAllowed for ourselves, Conflict for one that does not run or is paused.
    """
    found = await wire.ask("GET", f"/containers/{checked(reference, 'container')}/json")
    target = Target(found["Id"], found["Name"].removeprefix("/"))
    if is_ours(target.id, found["Config"]["Labels"]):
        raise NotAllowed(
            f"{target.name} is Container Monkey itself, or works for it: nothing is run in it."
        )
    refuse_unless_running(target.name, found["State"])
    return target


def refuse_unless_running(name: str, state: dict[str, Any]) -> None:
    if state["Paused"]:
        raise Conflict(f"{name} is paused. Unpause it first.")
    if state.get("Restarting"):
        raise Conflict(f"{name} is restarting. Wait until it runs.")
    if not state["Running"]:
        raise Conflict(f"{name} is not running. Start it first.")


async def create(target: Target, program: Program, *, terminal: bool) -> Exec:
    """Have the Engine prepare a program; it runs once it is started."""
    mark = f"{MARK}={secrets.token_hex(16)}"
    body = {
        "AttachStdin": terminal,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": terminal,
        "Cmd": list(program.command),
        "Env": [*([TERMINAL] if terminal else []), *program.variables(), mark],
    }
    if program.user:
        body["User"] = program.user
    if program.workdir:
        body["WorkingDir"] = program.workdir
    made = await wire.ask("POST", f"/containers/{target.id}/exec", body=body)
    return Exec(made["Id"], target, program.user, mark)


@asynccontextmanager
async def started(
    made: Exec, *, terminal: bool, size: Size | None = None
) -> AsyncIterator[wire.Answer]:
    """Start it, and give the connection to it, which is closed with the block."""
    body: dict[str, Any] = {"Detach": False, "Tty": terminal}
    if size:
        body["ConsoleSize"] = [size.rows, size.cols]  # Engines before 23 pass over it
    async with wire.asked("POST", f"/exec/{made.id}/start", body=body, upgrade=True) as answer:
        yield answer


async def refuse_unless_started(made: Exec, answer: wire.Answer) -> None:
    """Return once the program runs. Raise the Engine's reason if it could not be started.

    Engines write that reason into the connection, in place of output.
    """
    deadline = asyncio.get_running_loop().time() + START_PATIENCE
    while (state := await state_of(made)).pid == 0 and state.exit_code is None:
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(START_POLL)
    if state.never_started:
        raise failure((await answer.reader.read(REASON_LIMIT)).decode(errors="replace"))


async def state_of(made: Exec) -> State:
    found = await wire.ask("GET", f"/exec/{made.id}/json")
    return State(bool(found["Running"]), found["ExitCode"], found.get("Pid") or 0)


async def ended_within(made: Exec, seconds: float) -> State:
    """The state once the program is over, or after so many seconds as it is then."""
    deadline = asyncio.get_running_loop().time() + seconds
    while (state := await state_of(made)).running:
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(EXIT_POLL)
    return state


async def resize(made: Exec, size: Size) -> None:
    await wire.ask("POST", f"/exec/{made.id}/resize", params={"h": size.rows, "w": size.cols})


def failure(words: str) -> Problem:
    """The problem behind what the Engine says, in place of output, of what it could not start."""
    plain = WRAPPING.sub("", words.strip()).removesuffix(": unknown").strip()
    shown = sentence(plain)[:500]
    if "stopped state" in plain or "is not running" in plain:
        return Conflict(shown)
    if UNKNOWN_USER.search(plain):
        return Invalid(shown, fields={"user": shown})
    if "cwd" in plain:
        return Invalid(shown, fields={"workdir": shown})
    if MISSING.search(plain):
        return NoSuchProgram(shown, fields={"command": shown})
    if "exec" in plain or "permission denied" in plain or "no such file" in plain:
        return Invalid(shown, fields={"command": shown})
    return EngineRefused(shown)
