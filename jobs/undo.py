"""What a job would have to put back, written down before each act.

The list lives in the job's row, so that it outlives the process: a worker that was killed leaves
it behind, and the next one carries it out.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from containermonkey.problems import Problem
from jobs.models import Job
from jobs.outages import until_done
from jobs.registry import REMOVE_HELPERS, holds_up, undo_action_of

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody asked for the job to be ended."""


class NotAgain(Problem):
    """An act of an undo failed, and is not to be tried again."""


def never() -> bool:
    return False


class Undo:
    """The undo list of one job. Every method has reached the database when it returns.

    While the database is away, it is waited for as long as `may_wait` says so. `commit_tried` tells
    whether the work may count as done, whatever else is known here.
    """

    def __init__(self, job: Job, may_wait: Callable[[], bool] = never) -> None:
        self.job = job
        self.may_wait = may_wait
        self.commit_tried = False

    def write(self, action: str, **arguments: Any) -> int:
        """Write down how the act that follows is undone; the key under which it stands."""
        undo_action_of(action)  # an action that nobody declared is found out before the act
        key = max((entry["key"] for entry in self.job.undo), default=0) + 1
        self._save([*self.job.undo, {"key": key, "action": action, "arguments": arguments}])
        return key

    def update(self, key: int, **arguments: Any) -> None:
        """Change arguments of an entry, for an act that goes through several stages."""
        self._save(
            [
                entry | {"arguments": entry["arguments"] | arguments}
                if entry["key"] == key
                else entry
                for entry in self.job.undo
            ]
        )

    def drop(self, key: int) -> None:
        """Forget an entry whose act is to stay."""
        self._save([entry for entry in self.job.undo if entry["key"] != key])

    def carry_out(self, key: int) -> None:
        """Undo one act now, and forget it once that is done."""
        entry = next(entry for entry in self.job.undo if entry["key"] == key)
        undo_action_of(entry["action"])(**entry["arguments"])
        self.drop(key)

    @contextmanager
    def afterwards(self, action: str, **arguments: Any) -> Iterator[None]:
        """Undo the act inside when the block ends, however it ends.

        With an exception on the way the entry is left to `unwind`, which carries it out too, in
        its turn and without hiding the exception.
        """
        key = self.write(action, **arguments)
        yield
        self.carry_out(key)

    def commit(self, result: dict[str, Any], cleanup: list[dict[str, Any]]) -> None:
        """From here on the work counts as done: nothing is put back any more.

        `cleanup` is a list of `{"action", "arguments"}`, in the order in which they are to be
        carried out, for what was kept only in case of failure. One write: a process that is
        killed has either everything to put back or everything to clean up. Raise Cancelled if
        somebody has asked for the job to be ended: they were told that it will be.
        """
        helpers = [entry for entry in self.job.undo if entry["action"] == REMOVE_HELPERS]
        entries = [{"key": -1 - at, **entry} for at, entry in enumerate(cleanup)]
        committed = {"undo": entries[::-1] + helpers, "result": result, "committed": True}
        self.commit_tried = True
        if not Job.objects.filter(pk=self.job.pk, cancel_requested=False).update(**committed):
            raise Cancelled
        for name, value in committed.items():
            setattr(self.job, name, value)

    def unwind(self) -> list[str]:
        """Carry out everything, the last act first; the sentences of what could not be done.

        What failed stays in the list, so that it is tried again: a container whose Engine is
        away at this moment must still be started when the Engine is back. What must not be undone
        before that stays with it; to clean up after a commit, nothing has to wait.
        """
        failures = []
        for entry in reversed(list(self.job.undo)):
            failure = self._attempt(entry)
            if not failure:
                continue
            failures.append(failure)
            if holds_up(entry["action"]) and not self.job.committed:
                break
        return failures

    def _attempt(self, entry: dict[str, Any]) -> str:
        """Carry out an entry; the sentence of what failed, or nothing."""
        try:
            self.carry_out(entry["key"])
        except NotAgain as problem:
            self.drop(entry["key"])
            return str(problem)
        except Problem as problem:
            return str(problem)
        except Exception:
            logger.exception("Undo %s of job %s failed", entry["action"], self.job.pk)
            return f"{entry['action']} could not be undone; see the server's log."
        return ""

    def _save(self, entries: list[dict[str, Any]]) -> None:
        self.job.undo = entries
        until_done(lambda: self.job.save(update_fields=["undo"]), self.may_wait)


class UndoInMemory(Undo):
    """The same without the database, for a job that was not committed while that is away."""

    def _save(self, entries: list[dict[str, Any]]) -> None:
        self.job.undo = entries
