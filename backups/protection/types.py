"""What is known of how well each container is backed up."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

State = Literal["protected", "old", "never", "excluded", "impossible"]


@dataclass(frozen=True, slots=True)
class Item:
    """A mount of a container, or its configuration, which is all that one without mounts has.

    `saved_at` and `filename` are those of the newest good backup that holds it, `reason` says why
    it is not in the newest one, or can be in none. `schedules` name what will back it up.
    """

    container: str
    stack: str | None
    type: str
    name: str
    destination: str
    state: State
    saved_at: datetime | None = None
    filename: str = ""
    reason: str = ""
    schedules: list[str] = field(default_factory=list)

    @property
    def is_configuration(self) -> bool:
        return self.type == CONFIGURATION


CONFIGURATION = "configuration"
