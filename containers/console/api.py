"""Commands in containers, as JSON."""

from dataclasses import asdict
from typing import Annotated

from asgiref.sync import async_to_sync
from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.rights import needs
from containermonkey.schemas import Strict, in_one_sentence
from containers.console.options import Program
from containers.console.running import LONGEST_TIMEOUT, TIMEOUT, run_command

router = Router(tags=["Containers"])

Words = Annotated[str, Field(max_length=4096)]
Argument = Annotated[str, Field(max_length=32 << 10)]


class Variable(Strict):
    key: Words
    value: Argument


Command = Annotated[
    Argument | Annotated[list[Argument], Field(max_length=1000)],
    in_one_sentence("must be a string, or a list of at most 1000, each of at most 32768 letters"),
]
Environment = Annotated[
    dict[Words, Argument] | list[Variable],
    in_one_sentence('must look like {"NAME": "value"} or [{"key": "NAME", "value": "value"}]'),
]


class ExecBody(Strict):
    """`command` as a list of arguments, or as one string that is split into them."""

    command: Command
    user: Words = ""
    workdir: Words = ""
    environment: Environment = {}
    timeout: Annotated[int, Field(ge=1, le=LONGEST_TIMEOUT)] = TIMEOUT


class ExecOut(Schema):
    """`exit_code` is null, and `timed_out` true, where the command had to be ended.

    Of each output the first MiB is kept; `truncated` says whether there was more.
    """

    exit_code: int | None
    stdout: str
    stderr: str
    truncated: bool
    timed_out: bool


@router.post("/container/{id}/exec", response=ExecOut)
@needs("container.exec")
def run(request: HttpRequest, id: str, body: ExecBody) -> ExecOut:
    """Run a command in a container to its end, without a terminal and without input.

    After `timeout` seconds it is ended, with everything that it has started. A container that is
    not running, or is paused, is a 409; a command, user or folder that it does not have, a 400.
    No shell is involved: for one, run `["sh", "-c", "…"]`.
    """
    given = body.environment
    variables = given if isinstance(given, dict) else {each.key: each.value for each in given}
    program = Program.of(body.command, body.user, body.workdir, variables)
    return ExecOut(**asdict(async_to_sync(run_command)(id, program, body.timeout)))
