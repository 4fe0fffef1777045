"""Killing a process in the middle of its work, at a chosen step or after each of its acts."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from backups.archive.partial import PartialFile
from backups.hooks import running as hooks
from jobs.models import Job
from jobs.undo import Undo
from jobs.worker import recover
from tests.backups.workers import is_alive, kill, process_that, worker_process
from tests.waiting import wait_for

ACTS = [
    (Undo, "_save"),
    (Undo, "commit"),
    (PartialFile, "__init__"),
    (Path, "hardlink_to"),
    (Path, "unlink"),
    (hooks, "run"),
]
"""What a job does that outlives its process, beside what it asks the Engine to change."""

WAITING = "/wait"
"""The end of the address of the one call that is posted and changes nothing."""

LONGEST = 60.0
"""Seconds that a job may take."""


def stand_still(marker: Path, word: str = "here") -> None:
    """Let the test know, and wait to be killed."""
    marker.write_text(word)
    while True:
        time.sleep(60)


def killed_at(
    owner: Any, step: str, act: Callable[[], object], marker: Path, *, before: bool = False
) -> None:
    """Do something in a process that is killed once it has done a step, or is about to."""
    original = getattr(owner, step)

    def then_stand_still(*arguments: Any, **options: Any) -> None:
        if not before:
            original(*arguments, **options)
        stand_still(marker)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, then_stand_still)
        with process_that(act) as process:
            wait_for(marker.exists, f"the step {step}", LONGEST)
            kill(process)


def kill_after_every_act(
    request: Callable[[], Job], check: Callable[[Job, str], None], markers: Path
) -> list[str]:
    """Do a job over and over, its worker killed one act later each time, until it gets through.

    After each kill, and the recovery from it, `check` is given the job and the act; at last the
    job that got through, and no act. The acts, in their order.
    """
    acts: list[str] = []
    while True:
        job = request()
        act = killed_after(len(acts) + 1, markers / f"act{len(acts) + 1}")
        recover()
        job.refresh_from_db()
        check(job, act)
        if not act:
            return acts
        acts.append(act)


def killed_after(number: int, marker: Path) -> str:
    """Do the next job, its worker killed after so many acts; the last of them.

    Nothing where it had come to its end before.
    """
    done: list[str] = []

    def told(act: str) -> None:
        done.append(act)
        if len(done) == number:
            stand_still(marker, act)

    def is_there_or_over() -> bool:
        return bool(marker.exists() and marker.read_text()) or not is_alive(process)

    with pytest.MonkeyPatch.context() as patch:
        tell_acts(patch, told)
        with worker_process() as process:
            wait_for(is_there_or_over, f"act number {number}", LONGEST)
            if not marker.exists():
                return ""
            kill(process)
    return marker.read_text()


def tell_acts(patch: pytest.MonkeyPatch, told: Callable[[str], None]) -> None:
    """Have each act told once it is done."""
    for owner, name in ACTS:
        patch.setattr(owner, name, telling(getattr(owner, name), name, told))
    send = requests.Session.send

    def send_and_tell(session: Any, asked: Any, **options: Any) -> requests.Response:
        answer = send(session, asked, **options)
        path = asked.path_url.partition("?")[0]
        if asked.method != "GET" and not path.endswith(WAITING):
            told(f"{asked.method} {path}")
        return answer

    patch.setattr(requests.Session, "send", send_and_tell)


def telling(act: Callable[..., Any], name: str, told: Callable[[str], None]) -> Callable[..., Any]:
    def act_and_tell(*arguments: Any, **options: Any) -> Any:
        answer = act(*arguments, **options)
        told(name)
        return answer

    return act_and_tell
