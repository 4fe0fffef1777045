"""The compose plugin: where it is, and running it.

It is run by itself, without the command line of Docker: as a program it takes the same words. What
it finds in its environment is what stands here, and its directory is empty. The file is in memory
alone: with the values of its variables in it, it would outlive a process that is killed.
"""

import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from containermonkey.problems import Problem
from containers.logs.ansi import as_text
from engine.client import connection_environment

FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
"""Where the packages of Docker put the plugins of its command line."""

PROGRAM = "docker-compose"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
FILE = "compose.yaml"
"""What the file is called in what the plugin says of it."""

LONGEST_CHECK = 60.0
LONGEST_DEPLOY = 3600.0
"""Seconds that the plugin may take."""

LONGEST_END = 20.0
"""Seconds that it has to end in, once it is told to."""

LOOK_SECONDS = 0.25
LONGEST_LINE = 500
LAST_WORDS = 15
"""Lines that are told of a plugin that did not get through."""


class NoPlugin(Problem):
    status, code = 503, "no_compose_plugin"


class PluginFailed(Problem):
    """The plugin refused, or did not get through; the message has its last words."""

    status, code = 502, "compose_failed"


MISSING = (
    "The compose plugin is not installed beside Container Monkey. Install Docker’s package "
    "docker-compose-plugin or Debian’s docker-compose there, and reload this page."
)


def find_plugin() -> str | None:
    """The path of the plugin; None where there is none."""
    return shutil.which(PROGRAM, path=os.pathsep.join([*FOLDERS, PATH]))


class Compose:
    """The plugin, in a directory of its own, and the opened file of a project. Use `composing`."""

    def __init__(self, program: str, project: str, folder: Path, file: int) -> None:
        self.program, self.project, self.folder, self.file = program, project, folder, file

    def config(self) -> str:
        """The file as the plugin understands it. Raise PluginFailed with what it says of it."""
        try:
            done = subprocess.run(
                self.command("config"),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[self.file],
                capture_output=True,
                timeout=LONGEST_CHECK,
            )
        except subprocess.TimeoutExpired:
            raise PluginFailed(
                f"The compose plugin took over {LONGEST_CHECK:.0f} seconds."
            ) from None
        if done.returncode:
            lines = done.stderr.decode(errors="replace").splitlines()
            raise PluginFailed(self.words(lines) or "The compose plugin refused the file.")
        return done.stdout.decode(errors="replace")

    def up(self, on_line: Callable[[str], None], on_wait: Callable[[], None], *more: str) -> None:
        """Have everything of the file made and started. Raise PluginFailed.

        `on_wait` may raise to give up: then all that the plugin started is ended before the
        exception goes on.
        """
        said: list[str] = []
        until = time.monotonic() + LONGEST_DEPLOY
        with self.started("up", "--detach", "--no-build", "--quiet-pull", *more) as process:
            for line in lines_of(process):
                if line:
                    said = [*said, line][-LAST_WORDS:]
                    on_line(self.plain(line))
                on_wait()
                if time.monotonic() > until:
                    raise PluginFailed(f"It was given up after {LONGEST_DEPLOY:.0f} seconds.")
            if code := process.wait():
                raise PluginFailed(self.words(said) or f"The plugin ended with exit code {code}.")

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """The plugin at work; at the end of the block nothing that it started is left."""
        process = subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[self.file],
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end_group(process)

    def command(self, *words: str) -> list[str]:
        """The plugin's argument list. It is killed with this process, where Linux can be told."""
        together = shutil.which("setpriv", path=PATH)
        return [
            *([together, "--pdeathsig", "KILL", "--"] if together else []),
            *[self.program, "--project-name", self.project],
            *["--project-directory", str(self.folder), "--file", self.path],
            *["--ansi", "never", *words],
        ]

    @property
    def path(self) -> str:
        return f"/proc/self/fd/{self.file}"

    @property
    def environment(self) -> dict[str, str]:
        home = str(self.folder)
        return {
            "PATH": PATH,
            "HOME": home,
            "DOCKER_CONFIG": home,
            "LANG": "C.UTF-8",
            **connection_environment(),
        }

    def words(self, lines: list[str]) -> str:
        """The last lines as one text."""
        found = [self.plain(line) for line in lines if line.strip()]
        return "\n".join(found[-LAST_WORDS:])

    def plain(self, line: str) -> str:
        """A line without what is meant for a terminal, and without a path of this machine."""
        told = line.replace(self.path, FILE)
        return as_text(told.replace(f"{self.folder}/", "").replace(str(self.folder), ""))[
            :LONGEST_LINE
        ]


@contextmanager
def composing(project: str, content: bytes) -> Iterator[Compose]:
    """The plugin with a file of its own. Raise NoPlugin where it is not installed."""
    program = find_plugin()
    if program is None:
        raise NoPlugin(MISSING)
    with (
        tempfile.TemporaryDirectory(prefix="compose-") as name,
        os.fdopen(os.memfd_create(FILE), "wb") as file,
    ):
        file.write(content)
        file.flush()
        yield Compose(program, project, Path(name), file.fileno())


def lines_of(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """What a process says, line by line; nothing, several times a second, while it is silent."""
    said: queue.Queue[str | None] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=read_lines, args=(process.stdout, said), daemon=True).start()
    while True:
        try:
            line = said.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            yield ""
            continue
        if line is None:
            return
        yield line


def read_lines(pipe: IO[bytes], said: queue.Queue[str | None]) -> None:
    with suppress(ValueError):  # it is closed when the plugin has been given up
        while line := pipe.readline(1 << 16):
            said.put(line.decode(errors="replace").rstrip("\r\n"))
    said.put(None)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: in order, and by force where that takes too long."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(LONGEST_END)
            break
    if process.stdout is not None:
        process.stdout.close()
