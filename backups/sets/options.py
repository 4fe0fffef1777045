"""What can be chosen for the restore of a whole set."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from backups.options import RestoreOptions
from containermonkey.problems import Invalid


@dataclass(frozen=True)
class SetOptions:
    """As `RestoreOptions`, for all members alike; `port_overrides` are by container.

    Names are kept: members know each other by them, and two stacks that have the same names on the
    same networks would talk to each other's containers.
    """

    port_overrides: dict[str, dict[str, int]] = field(default_factory=dict)
    overwrite_volumes: bool | None = None
    on_conflict: Literal["fail", "replace"] = "fail"
    start: bool | None = None

    @property
    def replaces(self) -> bool:
        """Whether something that is there may be lost by it; that takes a right of its own."""
        return self.on_conflict == "replace" or bool(self.overwrite_volumes)

    def __post_init__(self) -> None:
        if self.on_conflict not in ("fail", "replace"):
            reason = "must be fail or replace"
            raise Invalid(f"on_conflict {reason} for a whole set.", fields={"on_conflict": reason})
        for container in self.port_overrides:
            self.for_member(container)

    def for_member(self, container: str) -> RestoreOptions:
        """The options for one of the containers. Raise Invalid for ports that are none."""
        return RestoreOptions(
            port_overrides=self.port_overrides.get(container, {}),
            overwrite_volumes=self.overwrite_volumes,
            on_conflict=self.on_conflict,
            start=self.start,
        )

    def as_arguments(self) -> dict[str, Any]:
        return asdict(self)
