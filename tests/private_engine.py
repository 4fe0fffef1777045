"""A Docker Engine that belongs to one test run and disappears with it.

It is a second ``dockerd`` in mount, network, PID, IPC and UTS namespaces of its own: its bridge,
firewall rules, mounts and processes exist only in there, so that nobody's containers are touched
and two runs at once do not meet. The namespaces' first process is ``dockerd`` itself. When that
one ends, the kernel ends all others, and it ends with the test run, even one that is killed.

By hand::

    python -m tests.private_engine start DIR     prints the DOCKER_HOST to use
    python -m tests.private_engine stop DIR
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from docker import APIClient

from tests import processes, scratch
from tests.waiting import wait_for

PACKAGES = "docker.io iptables iproute2"
CGROUPS = Path("/sys/fs/cgroup")
# Another Engine unpacked into a folder, as by tools/newer-engine.sh; else Debian's own dockerd
# first, and iptables, which are not on everybody's PATH.
UNPACKED = os.environ.get("CONTAINERMONKEY_TEST_ENGINE")
FOLDERS = [str(Path(UNPACKED, "usr", it).resolve()) for it in ("sbin", "bin")] if UNPACKED else []
PROGRAMS = ":".join([*FOLDERS, "/usr/sbin:/sbin", os.environ.get("PATH", "/usr/bin:/bin")])
# An Engine's programs start anew for every container. Most end before there is garbage worth
# collecting; the limit keeps what goes on from growing.
COLLECTING = {"GOGC": "off", "GOMEMLIMIT": "512MiB"}
START_TIMEOUT = 120.0
# Unix socket paths end at 108 bytes, and containerd adds 38 to the directory.
LONGEST_DIRECTORY = 68
# /run is replaced so that the Engine of the machine (its containerd, its locks) is out of sight.
INSIDE = 'ip link set lo up && mount -t tmpfs tmpfs /run && exec "$0" "$@"'


class EngineFailed(Exception):
    """The private Engine cannot be had; the sentence says why."""


class PrivateEngine:
    """One private Engine in one directory."""

    def __init__(
        self, directory: Path, *, detached: bool = False, config: dict[str, Any] | None = None
    ) -> None:
        """Given a directory that need not exist. A detached Engine outlives its starter.

        `config` is what its daemon.json has.
        """
        self.detached, self.config = detached, config or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.version = "auto"
        self.directory = directory.resolve()
        if len(str(self.directory)) > LONGEST_DIRECTORY:
            raise EngineFailed(f"The path is too long for a socket: {self.directory}")
        self.socket = self.directory / "docker.sock"

    @property
    def docker_host(self) -> str:
        """The address in the form of DOCKER_HOST."""
        return f"unix://{self.socket}"

    @property
    def running(self) -> bool:
        """Whether the Engine's first process is alive."""
        return self._first_process() is not None

    def start(self) -> PrivateEngine:
        """Start the Engine, on the data it left where it ran before; return when it answers."""
        if self.running:
            raise EngineFailed(f"An Engine is running in {self.directory}.")
        self.directory.mkdir(parents=True, exist_ok=True)
        # Never the machine's own /etc/docker/daemon.json.
        (self.directory / "daemon.json").write_text(json.dumps(self.config))
        (self.directory / "cgroup").write_text(self._cgroup_name())
        self._forget_earlier_life()
        with (self.directory / "dockerd.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **COLLECTING, "PATH": PROGRAMS},
            )
        (self.directory / "pid").write_text(str(self.process.pid))
        self._wait_until_it_answers()
        return self

    def kill(self) -> None:
        """End every process of the Engine at once, as a power cut would. The data stays."""
        first, outer = self._first_process(), self._outer_process()
        if first:
            processes.send(first, signal.SIGKILL)
        elif outer:
            processes.send(outer, signal.SIGKILL)
        self._thaw()
        self._wait_until_gone()

    def shut_down(self) -> None:
        """Ask the Engine to stop its containers and end. The data stays."""
        first = self._first_process()
        if first:
            processes.send(first, signal.SIGTERM)
            self._wait_until_gone()

    def restart(self) -> None:
        """Shut the Engine down and start it again on the same data."""
        self.shut_down()
        self.start()

    def pause(self) -> None:
        """Freeze the Engine: connections are accepted by the kernel, and nothing answers."""
        first = self._expect_running()
        processes.send(first, signal.SIGSTOP)
        wait_for(lambda: processes.stopped(first), "the Engine to stand still")

    def unpause(self) -> None:
        """Let a frozen Engine go on."""
        processes.send(self._expect_running(), signal.SIGCONT)

    def stop(self) -> None:
        """End the Engine and remove every trace of it. Safe to repeat."""
        self.kill()
        self._remove_cgroups()
        if self.directory.exists():
            scratch.remove_tree(self.directory)

    def client(self) -> APIClient:
        """docker-py's client of this Engine; use it in a `with`, which closes it."""
        client = APIClient(base_url=self.docker_host, version=self.version)
        self.version = client.api_version
        client.trust_env = False
        return client

    def run_inside(self, *command: str, kind: str = "net") -> str:
        """Run a command in the Engine's network, where its containers can be reached.

        Or in another kind of its namespaces, as `mount`.
        """
        target = str(self._expect_running())
        return subprocess.run(
            ["nsenter", "--target", target, f"--{kind}", "--", *command],
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def processes(self) -> list[int]:
        """The ids of the Engine's processes and those of its containers, as the machine sees them.

        All descend from the namespaces' first process: it inherits those whose parent ends.
        """
        first = self._first_process()
        return [first, *processes.descendants(first)] if first else []

    def cgroups(self) -> list[Path]:
        """The control groups that are the Engine's: one (version 2) or one each (version 1)."""
        name_file = self.directory / "cgroup"
        if not name_file.exists():
            return []
        name = name_file.read_text()
        return [path for path in (CGROUPS / name, *CGROUPS.glob(f"*/{name}")) if path.is_dir()]

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the Engine wrote."""
        return "\n".join((self.directory / "dockerd.log").read_text().splitlines()[-lines:])

    def _command(self) -> list[str]:
        dockerd = shutil.which("dockerd", path=PROGRAMS)
        if dockerd is None:
            raise EngineFailed(
                "There is no dockerd. `make test` installs it as root; by hand:"
                f" apt-get install --no-install-recommends {PACKAGES}"
            )
        if os.geteuid() != 0:
            raise EngineFailed("A private Engine needs root, for its namespaces.")
        if in_chroot():
            raise EngineFailed(
                "A private Engine cannot run in a chroot: what is executed in a container would"
                " see the files of the machine, and change them. Use a container or pivot_root."
            )
        # The starter's death kills `unshare`, and that kills the namespaces' first process.
        leash = ["setsid"] if self.detached else ["setpriv", "--pdeathsig", "KILL"]
        namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--propagation", "private"]
        return [
            *leash,
            *["unshare", *namespaces, "--mount-proc", "--fork", "--kill-child=KILL", "--"],
            *["sh", "-c", INSIDE, dockerd],
            *["--host", self.docker_host],
            *["--data-root", str(self.directory / "data")],
            *["--exec-root", str(self.directory / "exec")],
            *["--pidfile", str(self.directory / "dockerd.pid")],
            *["--config-file", str(self.directory / "daemon.json")],
            *["--cgroup-parent", f"/{self._cgroup_name()}"],
            # systemd's driver would ask the machine's systemd, which knows nothing of this one.
            *["--exec-opt", "native.cgroupdriver=cgroupfs"],
            *["--shutdown-timeout", "5"],
        ]

    def _forget_earlier_life(self) -> None:
        """Remove what lies under /run on a real machine, and is gone after a power cut.

        The pid files in it name processes of a namespace that is no more; dockerd would take
        another process that has the number now for its containerd, and wait for it.
        """
        for path in (self.socket, self.directory / "dockerd.pid"):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.directory / "exec", ignore_errors=True)

    def _cgroup_name(self) -> str:
        name_file = self.directory / "cgroup"
        return name_file.read_text() if name_file.exists() else "cm-engine-" + secrets.token_hex(6)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self.process and self.process.poll() is not None:
                raise EngineFailed(f"The private Engine ended at once:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise EngineFailed(f"The private Engine does not answer:\n{self.log_tail()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return _ping(self.socket)
        except (OSError, http.client.HTTPException):
            return False

    def _outer_process(self) -> int | None:
        """The `unshare` that waits outside of the namespaces, alive or not yet waited for."""
        if self.process:
            return self.process.pid if self.process.poll() is None else None
        pid_file = self.directory / "pid"
        pid = int(pid_file.read_text()) if pid_file.exists() else 0
        # A number can have been given to another process since.
        return pid if pid and str(self.directory) in processes.command_line(pid) else None

    def _first_process(self) -> int | None:
        outer = self._outer_process()
        return next(iter(processes.children(outer)), None) if outer else None

    def _expect_running(self) -> int:
        first = self._first_process()
        if first is None:
            raise EngineFailed("The private Engine is not running.")
        return first

    def _wait_until_gone(self) -> None:
        """`unshare` ends after the kernel has ended everything in the namespaces."""
        if self.process:
            try:
                self.process.wait(START_TIMEOUT)
            except subprocess.TimeoutExpired:
                raise EngineFailed(f"The private Engine does not end:\n{self.log_tail()}") from None
        else:
            wait_for(lambda: self._outer_process() is None, "the Engine to end")
        self.process = None
        (self.directory / "pid").unlink(missing_ok=True)

    def _thaw(self) -> None:
        """Let what is frozen go on: a process of a paused container cannot even be killed."""
        for top in self.cgroups():
            for name, word in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
                for switch in top.rglob(name):
                    with suppress(OSError):  # the group has gone meanwhile
                        switch.write_text(word)

    def _remove_cgroups(self) -> None:
        for top in self.cgroups():
            # The deepest first; a group empties a moment after its last process is gone.
            inner = sorted((p for p in top.rglob("*") if p.is_dir()), reverse=True)
            for group in (*inner, top):
                wait_for(partial(_removed, group), f"{group} to empty")


def collect_leftovers() -> None:
    """Remove what test runs that were killed left on disk and in the control groups."""
    with scratch.abandoned() as directories:
        for directory in directories:
            for config in directory.glob("*/daemon.json"):
                PrivateEngine(config.parent, detached=True).stop()
            scratch.remove_tree(directory)


def in_chroot() -> bool:
    """Whether our root is not that of our mount namespace, to which `docker exec` goes back."""
    ours = ["sh", "-c", "exec 3</ && grep mnt_id /proc/self/fdinfo/3"]
    entered = ["nsenter", "--mount=/proc/self/ns/mnt", *ours]
    answers = [subprocess.run(c, check=True, stdout=subprocess.PIPE) for c in (ours, entered)]
    return answers[0].stdout != answers[1].stdout


def _ping(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status == http.client.OK


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def main() -> None:
    """Start or stop an Engine by hand."""
    parser = argparse.ArgumentParser(prog="python -m tests.private_engine")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("start", "stop"):
        commands.add_parser(name).add_argument("directory", type=Path)
    commands.add_parser("collect", help="remove what killed test runs left")
    arguments = parser.parse_args()
    try:
        if arguments.command == "collect":
            collect_leftovers()
            return
        engine = PrivateEngine(arguments.directory, detached=True)
        if arguments.command == "stop":
            engine.stop()
        else:
            print(f"export DOCKER_HOST={engine.start().docker_host}")
    except EngineFailed as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
