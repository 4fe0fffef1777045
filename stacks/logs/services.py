"""What may be asked of the logs of a whole stack."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

from asgiref.sync import async_to_sync

from containermonkey.problems import Problem
from containers.logs.newest import MOST_BYTES
from containers.logs.options import LogOptions
from containers.logs.services import MOST_BYTES_ANSWERED
from stacks.logs.reading import Together, read_together, text_together
from stacks.logs.rendering import plain
from stacks.logs.speakers import Speaker, Speakers, speakers_of


def read_logs(stack: str, service: str, options: LogOptions) -> Together:
    """The last lines of all containers of a stack, or of one service, by time.

    Raise what `speakers_of` raises.
    """
    chosen = speakers_of(stack, service).chosen
    return async_to_sync(read_together)(chosen, options, MOST_BYTES_ANSWERED)


@dataclass(frozen=True)
class Shown:
    """The logs for a page; with a `problem` nothing was read, and `fields` are at fault."""

    speakers: Speakers
    options: LogOptions
    log: Together
    problem: Problem | None = None

    @property
    def fields(self) -> dict[str, str]:
        return self.problem.fields if self.problem else {}


def shown_logs(stack: str, asked: Mapping[str, str]) -> Shown:
    """The last lines for a page, which is to come also where what is asked for makes no sense."""
    speakers = speakers_of(stack, asked["service"])
    try:
        options = LogOptions.of(asked)
    except Problem as problem:
        return Shown(speakers, LogOptions(), Together(), problem)
    log = async_to_sync(read_together)(speakers.chosen, options, MOST_BYTES)
    return Shown(speakers, options, log)


def download_logs(
    stack: str, service: str, options: LogOptions
) -> tuple[str, AsyncGenerator[bytes, None]]:
    """The stack's name, and its logs as bytes on their way, however long; or the last `tail`."""
    speakers = speakers_of(stack, service)
    text = text_together if options.tail is None else last_text
    return speakers.stack, text(speakers.chosen, options)


async def last_text(
    speakers: Sequence[Speaker], options: LogOptions
) -> AsyncGenerator[bytes, None]:
    """The last lines of all together, as `text_together` has them."""
    found = await read_together(speakers, options, MOST_BYTES_ANSWERED)
    yield plain(found.lines, timestamps=options.timestamps).encode()
