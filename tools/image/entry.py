#!/usr/bin/python3 -IS
"""What the image starts: gives up root, and goes on as the program's own `manage.py`.

A container begins as root, for only root can hand the data directory over and take the group of
the Docker socket, whose number is another on each host. What goes on is whoever owns the data
directory, or the image's own user where that is root. `docker exec … manage.py` comes this way
too, so that nothing in the data directory is ever root's.
"""

import os
import stat
import sys
from contextlib import suppress

PROGRAM = ["/venv/bin/python", "/app/manage.py"]
USER = 6660
"""The image's own user and group."""

BOTH = stat.S_IROTH | stat.S_IWOTH
LOWEST_PORT = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
LARGEST_PORT = 65535


def main() -> None:
    command = [*PROGRAM, *sys.argv[1:]]
    if os.getpid() == 1:
        # The first process has to collect those whose parents ended before them.
        command = ["/usr/bin/tini", "--", *command]
    if os.geteuid() == 0:
        command = [*stepping_down(), *command]
    os.execv(command[0], command)


def stepping_down() -> list[str]:
    """What has the rest of a command line run without root; nothing where the socket takes it."""
    groups = groups_of(socket_path())
    if groups is None:
        sys.stderr.write("The Docker socket is open to root alone, so this runs as root.\n")
        return []
    user, group = owner_of(data_directory())
    rights = "-all,+net_bind_service" if port() < lowest_port() else "-all"
    return [
        *["/usr/bin/setpriv", f"--reuid={user}", f"--regid={group}"],
        f"--groups={','.join(map(str, groups))}" if groups else "--clear-groups",
        *["--no-new-privs", f"--inh-caps={rights}", f"--ambient-caps={rights}", "--"],
    ]


def socket_path() -> str:
    """The path of the Engine's socket; empty where the Engine is reached over TCP."""
    address = os.environ.get("DOCKER_HOST", "").strip() or "unix:///var/run/docker.sock"
    return address.removeprefix("unix://") if address.startswith("unix://") else ""


def groups_of(path: str) -> list[int] | None:
    """The groups that the socket takes beside one's own; None where it takes its owner."""
    try:
        status = os.stat(path)
    except OSError:
        # There is none, or none yet: the program says so itself.
        return []
    if status.st_mode & BOTH == BOTH:
        return []
    return [status.st_gid] if status.st_mode >> 3 & BOTH == BOTH else None


def data_directory() -> str:
    """The data directory, which is made where it is missing."""
    path = os.environ.get("CONTAINERMONKEY_DATA", "").strip() or "/app/data"
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        sys.exit(f"CONTAINERMONKEY_DATA: {path} cannot be made: {error.strerror}")
    return path


def owner_of(path: str) -> tuple[int, int]:
    """User and group that own the data directory, after it has been handed over to them.

    What root left in it, as a copy or an earlier version of the program, is theirs then too.
    """
    status = os.stat(path)
    user, group = (status.st_uid, status.st_gid) if status.st_uid else (USER, USER)
    for _, folders, files, folder in os.fwalk(path):
        for name in [".", *folders, *files]:
            with suppress(FileNotFoundError):  # the program may be at work meanwhile
                if os.stat(name, dir_fd=folder, follow_symlinks=False).st_uid == 0:
                    os.chown(name, user, group, dir_fd=folder, follow_symlinks=False)
    return user, group


def port() -> int:
    """The port of the web server; what is no port is refused by the program itself."""
    given = os.environ.get("PORT", "").strip()
    return int(given) if given.isdecimal() else LARGEST_PORT


def lowest_port() -> int:
    """The lowest port that everybody may listen on: Docker makes that 0, but not everywhere."""
    with open(LOWEST_PORT) as file:
        return int(file.read())


if __name__ == "__main__":
    main()
