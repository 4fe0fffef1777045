"""Lines of the audit trail, written from asynchronous code. What is typed is in none of them."""

from typing import Any

from channels.db import database_sync_to_async

from accounts.audit import record
from accounts.masks import masked_words
from containers.console.execs import Target
from containers.console.options import Program, in_one_line


async def write_down(action: str, target: Target, *, problem: str = "", **details: Any) -> None:
    """Write one line about a container."""
    write: Any = database_sync_to_async(record)
    await write(action, target.name, problem=problem, id=target.id[:12], **details)


def of_program(program: Program) -> dict[str, str]:
    """What is told of a program: no value of its environment, no secret among its words."""
    return {
        "user": program.user,
        "command": in_one_line(masked_words(program.command)) or "a shell",
        "workdir": program.workdir,
    }
