"""Jobs that tests can look into and steer, in this process and in a worker of its own."""

import json
from pathlib import Path
from typing import Any

from containermonkey.problems import NoSpace
from jobs.models import Job
from jobs.registry import handler, undo_action
from jobs.running import RunningJob
from tests.waiting import wait_for

FILES = "test.files"
"""Makes the files it is told to, one after the other, each of which an undo removes; then ends as
`ending` says, or waits to be ended."""

NOTE = "test.note"
STUBBORN = "test.stubborn"
NEEDED = "test.needed"


def diary_of(job: RunningJob) -> Path:
    return Path(job.arguments["folder"]) / "diary"


def note_down(diary: Path, text: str) -> None:
    with diary.open("a") as file:
        file.write(f"{text}\n")


@undo_action(NOTE)
def note(diary: str, text: str) -> None:
    """Write down that it was called."""
    note_down(Path(diary), text)


@undo_action("test.remove_file")
def remove_file(path: str, diary: str) -> None:
    Path(path).unlink(missing_ok=True)
    note_down(Path(diary), f"removed {Path(path).name}")


@undo_action(STUBBORN)
def stubborn(until: str, diary: str) -> None:
    """Cannot be carried out until a file is there."""
    if not Path(until).exists():
        raise NoSpace("There is no room to put it back.")
    note_down(Path(diary), "stubborn")


@undo_action(NEEDED, holds_up=True)
def needed(until: str, diary: str) -> None:
    """The same, and nothing before it may be put back without it."""
    stubborn(until, diary)


@undo_action("test.defect")
def defect() -> None:
    raise ZeroDivisionError


@handler(FILES)
def make_files(job: RunningJob) -> dict[str, Any]:
    folder, diary = Path(job.arguments["folder"]), diary_of(job)
    for name in job.arguments["names"]:
        job.undo.write("test.remove_file", path=str(folder / name), diary=str(diary))
        (folder / name).write_text("made")
        job.step(f"Made {name}")
    job.start()
    note_down(diary, "ready")
    return ENDINGS[job.arguments.get("ending", "complete")](job)


def complete(job: RunningJob) -> dict[str, Any]:
    job.undo.commit({"filename": "x.tar.gz", "size": 3}, cleanup=[])
    return {}


def clean_up(job: RunningJob) -> dict[str, Any]:
    """Commit with two things to clean up, then fail."""
    diary = str(diary_of(job))
    notes = [{"action": NOTE, "arguments": {"diary": diary, "text": text}} for text in "ab"]
    job.undo.commit({"filename": "x.tar.gz"}, cleanup=notes)
    raise ZeroDivisionError


def refuse(job: RunningJob) -> dict[str, Any]:
    raise NoSpace("There is no space left.")


def break_down(job: RunningJob) -> dict[str, Any]:
    raise ZeroDivisionError


def fail_in_the_system(job: RunningJob) -> dict[str, Any]:
    Path("/no/such/folder/of the server").write_text("")
    return {}


def wait(job: RunningJob) -> dict[str, Any]:
    """Go on until told to end."""
    wait_for(lambda: job.check(), "the job to be ended", timeout=60)
    return {}


def wait_deaf(job: RunningJob) -> dict[str, Any]:
    """Go on whatever anybody says."""
    wait_for(lambda: False, "the worker to be killed", timeout=60)
    return {}


ENDINGS = {
    "complete": complete,
    "clean up": clean_up,
    "refuse": refuse,
    "break down": break_down,
    "fail": fail_in_the_system,
    "wait": wait,
    "wait deaf": wait_deaf,
}


def enqueue_files(folder: Path, *names: str, ending: str = "complete", subject: str = "web") -> Job:
    """Ask for the files in `folder`."""
    return Job.objects.create(
        kind=FILES,
        subject=subject,
        arguments={"folder": str(folder), "names": names, "ending": ending},
    )


def diary(folder: Path) -> list[str]:
    """What was written down so far."""
    path = folder / "diary"
    return path.read_text().splitlines() if path.exists() else []


def state(job: Job) -> str:
    """The job's status and error as they are in the database now."""
    job.refresh_from_db()
    return f"{job.status}: {job.error}" if job.error else job.status


def dumped(job: Job) -> str:
    return json.dumps(job.undo)
