"""Who does which kind of work, who puts what back, and who looks at what falls due by itself.

The apps declare these in their `handlers` module, which is loaded at start.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.models import Job
    from jobs.running import RunningJob
    from jobs.services import User

Handler = Callable[["RunningJob"], dict[str, Any]]
UndoAction = Callable[..., None]
Again = Callable[["Job", "User"], "Job"]
Chore = Callable[[], object]

REMOVE_HELPERS = "jobs.remove_helpers"
"""The undo action that stands in every job's list from its start to its end."""

_handlers: dict[str, Handler] = {}
_undo_actions: dict[str, UndoAction] = {}
_holding_up: set[str] = set()
_holding_still: set[str] = set()
_again: dict[str, Again] = {}
_again_after_success: set[str] = set()
_chores: list[Chore] = []


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Declare the function that does jobs of `kind`; what it returns becomes the job's result."""

    def declare(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return declare


def runs_again(kind: str, *, after_success: bool = True) -> Callable[[Again], Again]:
    """Declare the function that asks once more for what a job was asked for, for whom it is told.

    It goes through the service that a person would ask, which looks at everything anew. Without
    `after_success` only what did not get through is done again.
    """

    def declare(function: Again) -> Again:
        _again[kind] = function
        if after_success:
            _again_after_success.add(kind)
        return function

    return declare


def undo_action(
    name: str, *, holds_up: bool = False, holds_still: bool = False
) -> Callable[[UndoAction], UndoAction]:
    """Declare a function that an undo may call, by a name that outlives the process.

    It takes plain JSON arguments, and may be called twice, or before the act it undoes was done.
    With `holds_up`, what was done before its act is not undone until it has succeeded: a container
    is not to be started again on data that is not back yet. With `holds_still`, the container of
    its argument `name` does not do its work until then.
    """

    def declare(function: UndoAction) -> UndoAction:
        _undo_actions[name] = function
        if holds_up:
            _holding_up.add(name)
        if holds_still:
            _holding_still.add(name)
        return function

    return declare


def chore(function: Chore) -> Chore:
    """Declare what the worker calls every few seconds between jobs; it has to be quick."""
    _chores.append(function)
    return function


def chores() -> list[Chore]:
    return list(_chores)


def handler_of(kind: str) -> Handler:
    return _handlers[kind]


def has_handler(kind: str) -> bool:
    """Whether there are jobs of a kind; some kinds of long work are done while they are asked."""
    return kind in _handlers


def undo_action_of(name: str) -> UndoAction:
    return _undo_actions[name]


def holds_up(name: str) -> bool:
    """Whether the rest of an undo has to wait until this action has succeeded."""
    return name in _holding_up


def holds_still(name: str) -> bool:
    """Whether a container stands still until this action is carried out."""
    return name in _holding_still


def again_of(kind: str, *, succeeded: bool) -> Again | None:
    """The function that asks once more for such a job; None where that makes no sense."""
    return None if succeeded and kind not in _again_after_success else _again.get(kind)
