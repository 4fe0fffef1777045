"""Which containers a schedule covers, found anew at each run: a new or recreated one counts too."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.audit import Actor, acting
from backups.models import Backup, Kind, Schedule
from backups.schedules.options import ScheduleOptions
from containers.queries import all_containers
from containers.types import Container
from engine.identity import is_ours
from engine.names import shortened


@dataclass(frozen=True)
class Candidate:
    """A container; without an id one that is gone, of which there are backups."""

    name: str
    id: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    stack: str | None = None


@dataclass(frozen=True)
class Covered:
    """What a schedule covers, by name; `missing` says what it names and nothing is."""

    containers: list[Candidate]
    missing: list[str]

    @property
    def names(self) -> list[str]:
        return [container.name for container in self.containers]


def covered_now(options: ScheduleOptions) -> Covered:
    """What the schedule covers at this moment, with one call of the Engine.

    For a verification those that are gone count too, as long as there are backups of them; they
    have no labels and no stack any more.
    """
    found = candidates()
    if options.task == "verify":
        there = {container.name for container in found}
        saved = Backup.objects.filter(kind=Kind.CONTAINER).order_by("container_name")
        names = saved.values_list("container_name", flat=True).distinct()
        found += [Candidate(name) for name in names if name not in there]
    return covered_of(options, found)


def candidates() -> list[Candidate]:
    """Every container of the host; never ourselves, whatever lists show."""
    # What a schedule covers must not hang on what whoever looks at it may see of the labels.
    with acting(Actor):
        found = all_containers()
    return [candidate(each) for each in found if not is_ours(each.id, each.labels)]


def candidate(container: Container) -> Candidate:
    return Candidate(container.name, container.id, container.labels, container.stack)


def schedules_of(containers: Iterable[Container]) -> dict[str, list[str]]:
    """The names of the schedules that back each of the containers up, by its id."""
    found = [candidate(container) for container in containers]
    names: dict[str, list[str]] = {each.id: [] for each in found}
    for schedule in Schedule.objects.filter(enabled=True, task=Schedule.Task.BACKUP):
        for each in covered_of(ScheduleOptions.of(schedule), found).containers:
            names[each.id].append(schedule.name)
    return names


def covered_of(options: ScheduleOptions, found: Iterable[Candidate]) -> Covered:
    """Which of the containers the schedule covers."""
    ordered = sorted(found, key=lambda container: container.name)
    if options.covers == "everything":
        return Covered(ordered, [])
    named = [container for container in ordered if is_named(options, container)]
    missing = missing_of(options, ordered)
    if options.covers == "only":
        return Covered(named, missing)
    return Covered([container for container in ordered if container not in named], missing)


def is_named(options: ScheduleOptions, container: Candidate) -> bool:
    return (
        container.name in options.names
        or container.stack in options.stacks
        or any(has_label(container, label) for label in options.labels)
    )


def has_label(container: Candidate, label: str) -> bool:
    """Whether a container has a label, given as `key` or `key=value`."""
    key, equals, value = label.partition("=")
    return key in container.labels and (not equals or container.labels[key] == value)


def missing_of(options: ScheduleOptions, found: list[Candidate]) -> list[str]:
    """A sentence for each name, label or stack that no container has."""
    names = {container.name for container in found}
    stacks = {container.stack for container in found}
    return [
        *(f"No container is called {shortened(n)}." for n in options.names if n not in names),
        *(
            f"No container has the label {shortened(label)}."
            for label in options.labels
            if not any(has_label(container, label) for container in found)
        ),
        *(f"There is no stack {shortened(s)}." for s in options.stacks if s not in stacks),
    ]
