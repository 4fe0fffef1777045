"""Containers of the image, started by the words that people type."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from docker import APIClient

from tests import processes
from tests.caller import Caller
from tests.image.building import TAG, command_line
from tests.image.inside import ConnectionInside
from tests.private_engine import PrivateEngine
from tests.site import ROOT
from tests.waiting import wait_for

NAME = "container-monkey"
PORT = 666
NEW_PASSWORD = "a password of one's own"
SOCKET = "/var/run/docker.sock:/var/run/docker.sock"
WITHOUT_VOLUME = ("--publish", f"{PORT}:80", "--volume", SOCKET)
WITH_VOLUME = (*WITHOUT_VOLUME, "--volume", "container-monkey:/backups")
START_PATIENCE = 90.0


def readme_command() -> list[str]:
    """The words after `docker run` of the README."""
    (line,) = re.findall(r"^docker run (.+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    return shlex.split(line)


@dataclass(frozen=True)
class Process:
    """What the kernel says of a process in the container."""

    name: str
    user: int
    groups: list[int]
    capabilities: int
    no_new_privileges: bool


class Shipped:
    """Runs the image on an Engine whose socket is where everybody's is."""

    def __init__(self, engine: PrivateEngine, docker: APIClient) -> None:
        self.engine, self.docker = engine, docker
        engine.run_inside("ln", "-sfn", str(engine.socket), "/run/docker.sock", kind="mount")

    def run(self, *options: str) -> Caller:
        """Start a container with these options, and wait until it answers."""
        return self.started(*options, "--name", NAME, TAG)

    def started(self, *words: str) -> Caller:
        """Do `docker run` with these words; wait until the program answers, and give a caller."""
        self.id = command_line(self.engine, "run", "--detach", *words)
        return self.answering()

    def answering(self) -> Caller:
        wait_for(self.is_well_or_over, "the container to answer", START_PATIENCE)
        assert self.is_well(), self.log
        return Caller(self.connection)

    def signed_in(self, *options: str) -> Caller:
        """A container, and its first user after the first sign-in."""
        caller = self.run(*options)
        first_sign_in(caller)
        return caller

    def remove(self) -> None:
        """Remove the container, as before a newer one is started."""
        command_line(self.engine, "rm", "--force", self.id)

    def command(self, *words: str, container: str = NAME) -> str:
        """Run a command in the container by `docker exec`; what it wrote."""
        return command_line(self.engine, "exec", container, *words)

    def connection(self) -> ConnectionInside:
        return ConnectionInside(self.engine, PORT)

    def is_well(self) -> bool:
        """Whether /healthz says so."""
        connection = self.connection()
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def is_well_or_over(self) -> bool:
        return self.is_well() or not self.docker.inspect_container(self.id)["State"]["Running"]

    @property
    def log(self) -> str:
        return self.docker.logs(self.id).decode(errors="replace")

    def processes(self) -> list[Process]:
        """The container's own processes, without those that `docker exec` and checks start."""
        first = self.docker.inspect_container(self.id)["State"]["Pid"]
        inside = {str(pid): pid for pid in self.engine.processes()}
        first = next(pid for pid in inside.values() if namespaced(pid) == first)
        found = [process(pid) for pid in (first, *processes.descendants(first))]
        return [each for each in found if each is not None]


def status_of(pid: int) -> str:
    """What the kernel says of a process; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def namespaced(pid: int) -> int | None:
    """The id that a process has in the Engine's namespace, which is what the Engine tells.

    None where it has ended, as those soon do that checks and `docker exec` start.
    """
    ids = re.search(r"^NSpid:\s+(.+)$", status_of(pid), re.MULTILINE)
    if ids is None:
        return None
    numbers = [int(number) for number in ids[1].split()]
    return numbers[1] if len(numbers) > 1 else numbers[0]


def process(pid: int) -> Process | None:
    """A process of the container, or nothing where it has ended."""
    fields = dict(line.split(":", 1) for line in status_of(pid).splitlines())
    if not fields:
        return None
    return Process(
        name=processes.command_line(pid),
        user=int(fields["Uid"].split()[1]),
        groups=[int(group) for group in fields["Groups"].split()],
        capabilities=int(fields["CapEff"], 16),
        no_new_privileges=fields["NoNewPrivs"].strip() == "1",
    )


def first_sign_in(caller: Caller) -> None:
    """Sign in as the first user, who has to choose another password before anything else."""
    caller.sign_in("monkeysee", "monkeydo")
    caller.post("/api/change-password", current_password="monkeydo", new_password=NEW_PASSWORD)
    caller.token = caller.get("/api/auth-status")["csrf_token"]
