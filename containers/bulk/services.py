"""One act on many containers: at once, but not all at once, and each with its own result."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

from django.db import connections

from containermonkey.problems import Invalid, Problem
from containers.bulk.actions import ACTIONS, Action, Options
from engine import engine

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Containers that are worked on at the same time: stopping one may take ten seconds of waiting."""

MOST = 500


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
    if not 1 <= len(references) <= MOST:
        reason = f"must name from 1 to {MOST} containers"
        raise Invalid(f"The ids {reason}.", fields={"ids": reason})
    same = canonical(references)
    chosen = options or Options()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bulk") as pool:
        # Each in a context of its own, so that the audit trail knows in every thread who asks.
        work = {
            one: pool.submit(copy_context().run, act_on, known, one, chosen)
            for one in dict.fromkeys(same.values())
        }
        errors = {one: future.result() for one, future in work.items()}
    return [
        Result(each, errors[same[each]] is None, errors[same[each]])
        for each in dict.fromkeys(references)
    ]


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
    finally:
        connections.close_all()  # this thread's own
    return None
