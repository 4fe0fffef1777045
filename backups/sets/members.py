"""The containers of a stack, a compose project or a swarm stack, told by their labels."""

from dataclasses import dataclass
from typing import Any, Literal

from backups.consistency import Member, in_dependence_order
from containermonkey.problems import NotFound
from containers.acts import container_if_there
from containers.labels import SWARM_STACK, SWARM_TASK, stack_of
from containers.queries import ALIVE
from engine import Docker, identity
from engine.names import shortened


@dataclass(frozen=True)
class StackMembers:
    """The containers of a stack, each after what it needs."""

    name: str
    kind: Literal["compose", "swarm"]
    inspects: list[dict[str, Any]]

    @property
    def names(self) -> list[str]:
        return [inspect["Name"].removeprefix("/") for inspect in self.inspects]


def members_of_stack(docker: Docker, stack: str) -> StackMembers:
    """The containers of a stack but ourselves. Raise NotFound if there are none.

    Of a swarm's tasks only those that have not ended: it keeps the others to be looked at.
    """
    rows = [row for row in docker.list_containers() if belongs_to(row, stack)]
    found = [inspect for row in rows if (inspect := container_if_there(row["Id"]))]
    if not found:
        raise NotFound(f"There is no container of a stack named {shortened(stack)}.")
    ordered = in_dependence_order([Member.of(inspect) for inspect in found])
    is_swarm = any(row["Labels"].get(SWARM_STACK) == stack for row in rows)
    kind: Literal["compose", "swarm"] = "swarm" if is_swarm else "compose"
    return StackMembers(stack, kind, [member.inspect for member in ordered])


def belongs_to(row: dict[str, Any], stack: str) -> bool:
    labels = row["Labels"] or {}
    if stack_of(labels) != stack or identity.is_ours(row["Id"], labels):
        return False
    return SWARM_TASK not in labels or row["State"] in ALIVE
