"""One act on many containers: at once, but not all at once, and each with its own result."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from containermonkey.problems import Invalid, Problem
from containermonkey.several import MOST, each_once
from containermonkey.threads import side_by_side
from containers.bulk.actions import ACTIONS, Action, Options
from engine import engine

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the act on one container; `error` is a sentence, None where it went well."""

    id: str
    success: bool
    error: str | None = None


def act_on_all(action: str, references: list[str], options: Options | None = None) -> list[Result]:
    """Do `action` to each container; the results in the order of `references`.

    A container that is named twice, by whatever of its names, is acted on once. One that fails
    stops no other. Raise Invalid for an unknown action, and for none or more than `MOST`
    containers.
    """
    known = action_named(action)
    asked = each_once(references, field="ids", things="containers", most=MOST)
    same = canonical(asked)
    distinct = list(dict.fromkeys(same.values()))
    act = partial(act_on, known, options=options or Options())
    came_of_it = map(act, distinct) if known.in_order else side_by_side(act, distinct)
    errors = dict(zip(distinct, came_of_it, strict=True))
    return [Result(each, errors[same[each]] is None, errors[same[each]]) for each in asked]


def action_named(name: str) -> Action:
    if name not in ACTIONS:
        reason = f"must be one of {', '.join(ACTIONS)}"
        raise Invalid(f"The action {reason}.", fields={"action": reason})
    return ACTIONS[name]


def canonical(references: Iterable[str]) -> dict[str, str]:
    """For each reference the full id it stands for; itself where that is not clear."""
    with engine() as docker:
        rows = docker.list_containers()
    by_name = {name.removeprefix("/"): row["Id"] for row in rows for name in row["Names"] or []}
    found = {}
    for reference in references:
        begins = [row["Id"] for row in rows if reference and row["Id"].startswith(reference)]
        alone = begins[0] if len(begins) == 1 else reference
        found[reference] = by_name.get(reference, alone)
    return found


def act_on(action: Action, container: str, options: Options) -> str | None:
    """Do it to one container; the sentence of what went wrong, or None."""
    try:
        action.act(container, options)
    except Problem as problem:
        return str(problem)
    except Exception:
        # A defect with one container must not take away the results of the others.
        logger.exception("%s of %s failed", action.label, container)
        return "A defect in the program; see the server's log."
    return None
