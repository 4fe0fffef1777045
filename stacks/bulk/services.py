"""One act on many stacks, each with its own result."""

from collections.abc import Callable
from dataclasses import dataclass

from backups.options import BackupOptions
from backups.sets.services import request_stack_backup
from containermonkey.bulk import BarAction
from containermonkey.problems import Invalid, Problem
from containermonkey.several import each_once
from containermonkey.threads import side_by_side
from engine import refuse_unreachable
from jobs.services import User
from stacks import acts, deleting
from stacks.acts import Result as PartResult

MOST = 100


@dataclass(frozen=True)
class Options:
    """What is said for all of them: whether their volumes go too, and who asks for backups."""

    volumes: bool = False
    user: User = None


Act = Callable[[str, Options], list[PartResult]]


@dataclass(frozen=True)
class Action:
    """What may be done to many stacks; `done` is the word afterwards."""

    act: Act
    done: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it for one stack; `error` is a sentence, None where all of it went well."""

    name: str
    success: bool
    error: str | None = None


def back_up(name: str, options: Options) -> list[PartResult]:
    request_stack_backup(name, BackupOptions(), options.user)
    return []


ACTIONS = {
    "start": Action(lambda name, options: acts.start_stack(name), "Started"),
    "stop": Action(lambda name, options: acts.stop_stack(name), "Stopped"),
    "restart": Action(lambda name, options: acts.restart_stack(name), "Restarted"),
    "backup": Action(back_up, "Asked for the backup of"),
    "delete": Action(
        lambda name, options: deleting.delete_stack(name, volumes=options.volumes), "Deleted"
    ),
}

BAR = [
    BarAction("start", "Start", icon="play-fill", needs="stack.start"),
    BarAction("stop", "Stop", icon="stop-fill", needs="stack.stop"),
    BarAction("restart", "Restart", icon="arrow-clockwise", needs="stack.restart"),
    BarAction("backup", "Back up", icon="archive", needs="stack_backup.request"),
    BarAction("delete", "Delete", icon="trash", needs="stack.delete", danger=True),
]


def action_named(name: str) -> Action:
    if name not in ACTIONS:
        reason = f"must be one of {', '.join(ACTIONS)}"
        raise Invalid(f"The action {reason}.", fields={"action": reason})
    return ACTIONS[name]


def act_on_all(action: str, names: list[str], options: Options | None = None) -> list[Result]:
    """Do `action` to each stack, in the order of `names`; one that fails stops no other.

    Backups are only asked for. Raise Invalid for an unknown action, and for none or more than
    `MOST` stacks, EngineUnreachable where it is away from the start.
    """
    known, said = action_named(action), options or Options()
    asked = each_once(names, field="names", things="stacks", most=MOST)
    refuse_unreachable()
    return side_by_side(lambda name: act_on(known, name, said), asked)


def act_on(action: Action, name: str, options: Options) -> Result:
    try:
        parts = action.act(name, options)
    except Problem as problem:
        return Result(name, success=False, error=str(problem))
    failed = [f"{part.name}: {part.error}" for part in parts if not part.success]
    return Result(name, not failed, " ".join(failed) or None)
