"""Looking through the backup directory: what lies there and is not listed, and the other way round.

A scan takes archives in that somebody copied there or that an earlier installation left. It moves,
changes and removes nothing; what it does not know stays as it is.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.audit import audited, record
from backups.adoption import adopt, state_of
from backups.files import SUFFIX, sizes_in_directory
from backups.models import Backup
from backups.original import convert as original
from containermonkey.problems import Problem
from jobs.models import UNFINISHED, Job, Kind, Status
from jobs.running import RunningJob
from jobs.services import User, enqueue_once

SUBJECT = "the backup directory"


@dataclass(frozen=True)
class Survey:
    """What differs between the directory and the list; names, in their order.

    `unlisted` are files that may be archives, `missing` are listed and their file is gone, of
    `changed` the size is another one.
    """

    unlisted: list[str]
    missing: list[str]
    changed: list[str]


def survey() -> Survey:
    """Compare the directory with the list, by names and sizes alone. Symlinks count for nothing.

    Raise NoBackupDirectory where the directory is not there.
    """
    listed = dict(Backup.objects.order_by("filename").values_list("filename", "size"))
    sizes = sizes_in_directory()
    return Survey(
        unlisted=sorted(name for name in sizes if name.endswith(SUFFIX) and name not in listed),
        missing=[name for name in listed if name not in sizes],
        changed=[name for name, size in listed.items() if sizes.get(name, size) != size],
    )


def request_scan(user: User = None) -> Job:
    """Put a scan into the queue; the one that is there already, if there is one."""
    return enqueue_once(Kind.SCAN, SUBJECT, {}, user, statuses=UNFINISHED)


def scan_for_news() -> Job | None:
    """Put a scan into the queue if there are files that the last one has not seen as they are."""
    last = Job.objects.filter(kind=Kind.SCAN, status=Status.COMPLETE).order_by("-pk").first()
    seen = last.result.get("left_alone", {}) if last else {}
    is_news = any(seen.get(name) != list(state) for name, state in states_of(survey().unlisted))
    return request_scan() if is_news else None


def states_of(names: list[str]) -> list[tuple[str, tuple[int, int, int]]]:
    """The names of files that are still there, each with what tells it from a changed one."""
    found = []
    for name in names:
        try:
            found.append((name, state_of(Path(settings.BACKUP_DIR) / name)))
        except FileNotFoundError:
            continue
    return found


def run_scan(running: RunningJob) -> dict[str, Any]:
    """Check each file that is not listed, whole, and list those that are sound."""
    running.step("Looking through the directory")
    found = survey()
    states = dict(states_of(ours_first(found.unlisted)))
    running.start()
    running.measure(sum(size for _, size, _ in states.values()))
    report, left_alone = [], {}
    for name, state in states.items():
        running.step(f"Checking {name}")
        is_known, sentence = taken_in(name, running)
        report.append(sentence)
        if is_known and not Backup.objects.filter(filename=name).exists():
            left_alone[name] = list(state)
    report += [f"{name} is listed, and its file is gone." for name in found.missing]
    report += [f"{name} is not as large as it was when it was listed." for name in found.changed]
    return {"report": report or ["Everything is as it is listed."], "left_alone": left_alone}


def ours_first(names: list[str]) -> list[str]:
    """The archives of the original last: what was made of one may lie there unlisted too."""
    return sorted(names, key=lambda name: original.recognises(Path(settings.BACKUP_DIR) / name))


def taken_in(name: str, running: RunningJob) -> tuple[bool, str]:
    """Whether it is known now what a file is, and what there is to say of it."""
    path = Path(settings.BACKUP_DIR) / name
    try:
        backup = adopt(path, running.advance)
    except Problem as problem:
        return True, f"{name} was left alone: {problem}"
    except OSError as problem:  # such as a full disk, which says nothing of the file
        return False, f"{name} was left alone: {problem.strerror}"
    if backup.filename != name and original.recognises(path):
        return True, f"{name} is of the original Container Monkey; listed as {backup.filename}."
    if backup.filename != name:
        return True, f"{name} was left alone: it is the same as {backup.filename}."
    record("backup.adopt", name)
    return True, f"{name} has been taken in, a backup of {backup.container_name}."


def forget_missing() -> list[str]:
    """Take those off the list whose files are gone; their names. No file is touched."""
    missing = survey().missing
    for name in missing:
        with audited("backup.forget", name):
            Backup.objects.filter(filename=name).delete()
    return missing
