"""Finding a program among all processes by its mark, and signalling what it has started.

Everything below a terminal is one session, and the first process of it is the one that the Engine
started. Who leaves the session (`setsid`) or ignores a hang-up (`nohup`) means to stay.
"""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PROC = Path("/proc")


class Way(StrEnum):
    """How a session is ended; as a rule one after the other."""

    HANG_UP = "HUP"
    ASK = "TERM"
    FORCE = "KILL"
    """Kills the first process, and of the others those that do not ignore a hang-up."""
    FORCE_ALL = "ALL"


SCRIPT = r"""
text() {
  text=
  while IFS= read -r line || [ -n "$line" ]; do text="$text $line"; done 2>/dev/null <"$1"
}
fields() { text "$1/stat"; fields=${text##*) }; }
mark=$1 way=$2 leader= oldest=
for place in /proc/[0-9]*; do
  text "$place/environ"
  case $text in *"$mark"*) ;; *) continue ;; esac
  fields "$place"
  set -- $fields
  [ "$4" = "${place#/proc/}" ] || continue
  if [ -z "$leader" ] || [ "${20}" -lt "$oldest" ]; then leader=$4 oldest=${20}; fi
done
[ -n "$leader" ] || exit 3
reach() {
  case $way in
    HUP) kill -HUP "$1"; kill -CONT "$1" ;;
    TERM) kill -TERM "$1"; kill -CONT "$1" ;;
    ALL) kill -KILL "$1" ;;
    KILL)
      ignored=
      while read -r name value; do
        [ "$name" = SigIgn: ] && ignored=${value#"${value%?}"}
      done 2>/dev/null <"/proc/$1/status"
      case $ignored in [13579bdf]) [ "$1" = "$leader" ] || return ;; esac
      kill -KILL "$1" ;;
  esac
} 2>/dev/null
reach "$leader"
reached=" $leader "
for look in 1 2 3 4 5 6 7 8 9 10; do
  new=
  for place in /proc/[0-9]*; do
    pid=${place#/proc/}
    case $reached in *" $pid "*) continue ;; esac
    fields "$place"
    set -- $fields
    [ "$4" = "$leader" ] || continue
    reach "$pid"
    reached="$reached$pid " new=$pid
  done
  [ -n "$new" ] || break
done
exit 0
"""
"""The same for a POSIX shell inside the container, with nothing but what is built into one. Its
arguments are the mark and the way; no text of anybody's becomes part of it."""

LOOKS = 10
"""How often those are looked for that were started while the others were signalled."""


@dataclass(frozen=True)
class Process:
    pid: int
    session: int

    @property
    def ignores_hang_up(self) -> bool:
        for line in read(self.pid, "status").splitlines():
            if line.startswith(b"SigIgn:"):
                return bool(int(line.split()[1], 16) & 1 << (signal.SIGHUP - 1))
        return False


def bears(pid: int, mark: str) -> bool:
    """Whether the process that has this number here is the one with the mark.

    It is, where the Engine counts the same processes as we do.
    """
    return pid > 0 and mark.encode() in read(pid, "environ").split(b"\0")


def end_session(leader: int, way: Way) -> None:
    """Signal every process of the session that `leader` is the first of.

    The first comes first, and those that the others have started meanwhile last: a loop in a shell
    has another program as soon as one ends.
    """
    reached: set[int] = set()
    for _ in range(LOOKS):
        new = [each for each in processes() if each.session == leader and each.pid not in reached]
        if not new:
            return
        for process in sorted(new, key=lambda each: each.pid != leader):
            reached.add(process.pid)
            if way == Way.FORCE and process.pid != leader and process.ignores_hang_up:
                continue
            send(process.pid, SIGNALS[way])
            send(process.pid, signal.SIGCONT)


SIGNALS = {
    Way.HANG_UP: signal.SIGHUP,
    Way.ASK: signal.SIGTERM,
    Way.FORCE: signal.SIGKILL,
    Way.FORCE_ALL: signal.SIGKILL,
}


def processes() -> Iterator[Process]:
    for name in os.listdir(PROC):
        if name.isdigit() and (stat := read(int(name), "stat")):
            yield Process(int(name), int(stat.rpartition(b") ")[2].split()[3]))


def read(pid: int, file: str) -> bytes:
    """A file of a process; nothing for one that has ended or that is none of ours."""
    try:
        return (PROC / str(pid) / file).read_bytes()
    except OSError:
        return b""


def send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return
