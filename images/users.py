"""Which containers use which images."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from containers.mapping import name_of
from engine.identity import is_hidden, is_program


@dataclass(slots=True)
class Users:
    """The containers of one image: by name, how many are of jobs, and whether one is ourselves.

    `hidden` says that it is ourselves and that this is not shown.
    """

    names: list[str] = field(default_factory=list)
    jobs: int = 0
    ourselves: bool = False
    hidden: bool = False

    def add(self, row: dict[str, Any]) -> None:
        hidden, program = is_hidden(row["Id"], row["Labels"]), is_program(row["Id"], row["Labels"])
        self.ourselves |= program
        if hidden and program:
            self.hidden = True
        elif hidden:
            self.jobs += 1
        else:
            self.names.append(name_of(row))

    @property
    def count(self) -> int:
        return len(self.names) + self.jobs


def users_by_image(rows: list[dict[str, Any]]) -> defaultdict[str, Users]:
    """Who uses each image, by its id, from the Engine's list of containers."""
    users: defaultdict[str, Users] = defaultdict(Users)
    for row in rows:
        users[row["ImageID"]].add(row)
    return users
