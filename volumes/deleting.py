"""Deleting volumes: what is in them is gone."""

from dataclasses import dataclass

from accounts.audit import audited
from containermonkey.problems import Conflict, Problem
from containermonkey.several import MOST, each_once
from engine import engine, refuse_unreachable
from engine.helpers import remove_helper
from jobs.services import volumes_in_work
from volumes.queries import usable_volume
from volumes.types import VolumeDetails


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several; `error` is a sentence, None where it went well."""

    name: str
    success: bool
    error: str | None = None


def delete_volume(name: str, *, force: bool = False) -> None:
    """Delete a volume and what is in it; by `force` also where its driver says that it is gone.

    Raise NotFound, NotAllowed for Container Monkey's own, or Conflict naming the containers that
    mount it, running or not.
    """
    remove(name, volumes_in_work(), force=force)


def remove(name: str, in_work: set[str], *, force: bool) -> None:
    with audited("volume.delete", name, force=force):
        volume = usable_volume(name)
        refuse_in_use(volume, in_work)
        with engine() as docker:
            for container in volume.looked_at:
                remove_helper(docker, container)
            docker.remove_volume(volume.name, force=force)


def deletable(name: str) -> VolumeDetails:
    """A volume that could be deleted now. Raise what `delete_volume` would."""
    volume = usable_volume(name)
    refuse_in_use(volume, volumes_in_work())
    return volume


def delete_volumes(names: list[str], *, force: bool = False) -> list[Result]:
    """Delete several; one that cannot be deleted stops no other.

    Raise Invalid for none or more than `MOST`, EngineUnreachable where it is away from the start.
    """
    asked = each_once(names, field="names", things="volumes", most=MOST)
    refuse_unreachable()
    in_work = volumes_in_work()
    return [result_of(name, in_work, force=force) for name in asked]


def result_of(name: str, in_work: set[str], *, force: bool = False) -> Result:
    try:
        remove(name, in_work, force=force)
    except Problem as problem:
        return Result(name, success=False, error=str(problem))
    return Result(name, success=True)


def refuse_in_use(volume: VolumeDetails, in_work: set[str]) -> None:
    """Raise Conflict where containers mount the volume, naming them, or a job works with it."""
    if volume.held or volume.name in in_work:
        raise Conflict(
            f"A job works with the volume {volume.name}. Wait until it is over, or cancel it."
        )
    if names := sorted({use.container for use in volume.uses}, key=str.casefold):
        raise Conflict(
            f"The volume {volume.name} is in use by {', '.join(names)}. "
            "Delete what mounts it first.",
            containers=names,
        )
