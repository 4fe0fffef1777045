"""Commands in a started helper: argument lists, with bytes on their way in and out.

Beside them nothing is read from the helper's container by the archive calls, which would make
every other call about it wait.
"""

import select
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ssl import SSLError, SSLSocket, SSLWantReadError
from typing import Any

import requests

from containermonkey.problems import EngineRefused, EngineUnreachable
from engine.client import Docker
from engine.contact import place_of
from engine.errors import translated
from engine.frames import ERROR, HEAD, STDERR
from engine.patience import TIMEOUT

UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}

MOST_WORDS = 64 << 10
"""Bytes of what a command complains of that are kept."""

PIECE = 1 << 20

AT_ONCE = 64 << 10
"""Bytes that are sent between two looks at whether the command has ended."""

EXIT_POLL, EXIT_PATIENCE = 0.01, 5.0
"""Seconds: the end of the output comes a moment before the Engine knows the exit status."""

BY_INPUT = ["xargs", "-0", "-x", "-s", str(128 << 10)]
"""Takes the arguments of a command from its input, as bytes: those of a call have to be text.

All of them for one command, or it fails: that of busybox makes several of 32 KiB by itself."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended: what it wrote, and what it complained of."""

    status: int
    output: bytes
    words: str


class Command:
    """A command at work. Reading it to its end, or `end`, tells what came of it."""

    def __init__(self, docker: Docker, call: str, response: requests.Response) -> None:
        self.docker, self.call, self.words = docker, call, bytearray()
        # docker-py gives the socket alone, without what was read from it beside the headers.
        reader: Any = response.raw._fp
        self._reader = reader.fp
        self._socket = reader.fp.raw._sock

    def send(self, piece: bytes) -> bool:
        """Write to the input of one that says nothing before it has all of it.

        False where it has said something: it takes no more then, and the Engine neither reads
        what is sent to it nor says so.
        """
        left = memoryview(piece)
        watch = select.poll()
        watch.register(self._socket, select.POLLIN | select.POLLOUT)
        while left:
            events = watch.poll(self._socket.gettimeout() * 1000)
            if not events:
                raise self._silent()
            if events[0][1] != select.POLLOUT:
                return False
            try:
                left = left[self._socket.send(left[:AT_ONCE]) :]
            except OSError:
                return False
        return True

    def end_of_input(self) -> None:
        """Say that nothing more will be sent; what it writes goes on coming."""
        with suppress(OSError):
            if isinstance(self._socket, SSLSocket):
                half_close(self._socket)
            else:
                self._socket.shutdown(1)

    def pieces(self) -> Generator[bytes, None, None]:
        """What it writes, as it comes, in pieces of at most 1 MiB."""
        while head := self._read(HEAD.size):
            kind, left = HEAD.unpack(head)
            while left:
                piece = self._read(min(left, PIECE))
                if not piece:
                    raise self._broken_off()
                left -= len(piece)
                if kind in (STDERR, ERROR):
                    self.words += piece[: MOST_WORDS - len(self.words)]
                else:
                    yield piece

    def end(self) -> Ended:
        """Read the rest, and wait until it has ended."""
        output = b"".join(self.pieces())
        until = time.monotonic() + EXIT_PATIENCE
        while (told := self.docker.exec_inspect(self.call))["Running"]:
            if time.monotonic() > until:
                raise self._broken_off()
            time.sleep(EXIT_POLL)
        return Ended(told["ExitCode"], output, self.words.decode(errors="surrogateescape"))

    def _read(self, size: int) -> bytes:
        try:
            content: bytes = self._reader.read(size)
        except TimeoutError:
            raise self._silent() from None
        except OSError:
            raise self._broken_off() from None
        if 0 < len(content) < size:
            raise self._broken_off()
        return content

    def _silent(self) -> EngineUnreachable:
        return EngineUnreachable("A command in a helper container did not get on in time.")

    def _broken_off(self) -> EngineUnreachable:
        return EngineUnreachable(
            f"The Docker Engine{place_of(self.docker.url)} broke off in the middle of a command."
        )


def half_close(connection: SSLSocket) -> None:
    """Say over TLS that nothing more comes, without waiting for the other side to say so too."""
    seconds = connection.gettimeout()
    connection.settimeout(0)
    try:
        with suppress(SSLWantReadError, SSLError):
            connection.unwrap()
    finally:
        connection.settimeout(seconds)


@contextmanager
def command_in(
    docker: Docker,
    container: str,
    command: Sequence[str],
    *,
    takes_input: bool = False,
    timeout: float = TIMEOUT,
) -> Iterator[Command]:
    """A command that runs in a container; its connection is closed when the block ends.

    It may stay silent for `timeout` seconds. Whatever is left of it then ends with the container.
    """
    body = {
        "AttachStdin": takes_input,
        "AttachStdout": True,
        "AttachStderr": True,
        "Cmd": list(command),
    }
    with translated(docker.url):
        url = docker._url("/containers/{0}/exec", container)
        call = docker._result(docker._post_json(url, data=body), True)["Id"]
        response = docker._post_json(
            docker._url("/exec/{0}/start", call),
            data={"Detach": False, "Tty": False},
            headers=UPGRADE,
            stream=True,
            timeout=timeout,
        )
        docker._raise_for_status(response)
    try:
        yield Command(docker, call, response)
    finally:
        response.close()


@contextmanager
def input_of(docker: Docker, container: str) -> Iterator[None]:
    """Hold the input of a container that is not started yet open, as long as the block lasts."""
    response = docker._post(
        docker._url("/containers/{0}/attach", container),
        params={"stdin": "1", "stream": "1"},
        headers=UPGRADE,
        stream=True,
    )
    docker._raise_for_status(response)
    try:
        yield
    finally:
        response.close()


@contextmanager
def program_in(
    docker: Docker, container: str, arguments: Sequence[bytes], *, timeout: float = TIMEOUT
) -> Iterator[Command]:
    """A program with arguments that may be any bytes, as the names of files are."""
    try:
        plain = [argument.decode() for argument in arguments]
    except UnicodeDecodeError:
        name, given = arguments[0].decode(), arguments[1:]
        with command_in(
            docker, container, [*BY_INPUT, name], takes_input=True, timeout=timeout
        ) as command:
            command.send(b"".join(argument + b"\0" for argument in given))
            command.end_of_input()
            yield command
    else:
        with command_in(docker, container, plain, timeout=timeout) as command:
            yield command


def run(
    docker: Docker, container: str, arguments: Sequence[bytes], *, timeout: float = TIMEOUT
) -> Ended:
    """Run a program to its end. Raise EngineRefused if the container does not have it."""
    with program_in(docker, container, arguments, timeout=timeout) as command:
        ended = command.end()
    refuse_missing(ended, arguments[0].decode())
    return ended


def refuse_missing(ended: Ended, program: str) -> None:
    """Raise EngineRefused where a program could not be started, or was killed."""
    if ended.status in (126, 127) or ended.status > 128:
        said = (ended.output.decode(errors="replace") + ended.words).strip()[:300]
        raise EngineRefused(
            f"The helper container could not run {program} (exit status {ended.status}): "
            f"{said or 'it printed nothing'}"
        )
