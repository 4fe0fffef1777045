"""Which schedules cover a container: told by whoever knows schedules."""

from collections.abc import Callable, Iterable, Mapping

from containers.types import Container

SchedulesOf = Callable[[Iterable[Container]], Mapping[str, list[str]]]

_schedules_of: SchedulesOf | None = None


def show_schedules(provider: SchedulesOf | None) -> None:
    """Declare who knows the names of the schedules that cover containers, by container id."""
    global _schedules_of
    _schedules_of = provider


def schedules_of(containers: Iterable[Container]) -> Mapping[str, list[str]]:
    """The names of the schedules that cover each of the containers, by its id."""
    return _schedules_of(containers) if _schedules_of else {}
