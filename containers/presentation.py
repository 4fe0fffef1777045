"""How containers are told about on pages."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from containermonkey import listing
from containers.bulk.actions import ACTIONS, Action
from containers.overview import Overview
from containers.queries import ALIVE
from containers.types import Container, Holding, Loss, Port

EVERYWHERE = (None, "0.0.0.0", "::")  # noqa: S104 - what the Engine says, not what we listen on
WITH_TLS = (443, 8443)
LOST = (
    "The container with its configuration",
    "Every file that it wrote outside of its volumes, and its log",
)
"""What goes with a container that is deleted in any case."""

STATUS_TEXT = re.compile(r"(?:Up|Exited \(-?\d+\)|Restarting \(-?\d+\)) (?P<since>[^(]+)")


@dataclass(frozen=True)
class PortTag:
    """A published port; `url` where a browser may find something behind it."""

    text: str
    url: str


@dataclass(frozen=True)
class Row:
    """A container in the list."""

    container: Container
    since: str
    ports: list[PortTag]
    last_backup: datetime | None

    @property
    def actions(self) -> list[Action]:
        """What makes sense in the state that the container is in."""
        return [each for each in ACTIONS.values() if self.container.status in each.states]

    @property
    def alive(self) -> bool:
        """Whether stopping it makes sense; otherwise starting does."""
        return self.container.status in ALIVE


def row(container: Container, host: str, last_backup: datetime | None) -> Row:
    """A container for the list; `host` is the name under which the reader reaches this page."""
    return Row(
        container, since(container.status_text), port_tags(container.ports, host), last_backup
    )


def since(status_text: str) -> str:
    """`3 hours` of `Up 3 hours (healthy)`, `5 minutes ago` of `Exited (0) 5 minutes ago`."""
    found = STATUS_TEXT.match(status_text)
    return found["since"].strip() if found else ""


def port_tags(ports: list[Port], host: str) -> list[PortTag]:
    """The published ports, each once though IPv4 and IPv6 are published one by one."""
    tags: dict[str, PortTag] = {}
    for port in ports:
        if port.host_port is not None:
            number = str(port.host_port)
            text = number if port.protocol == "tcp" else f"{number}/{port.protocol}"
            tags.setdefault(text, PortTag(text, url_of(port, host)))
    return list(tags.values())


def url_of(port: Port, host: str) -> str:
    """Where a browser finds the port; nothing for what is not TCP."""
    if port.protocol != "tcp":
        return ""
    address = host if port.host_ip in EVERYWHERE else str(port.host_ip)
    if ":" in address and not address.startswith("["):
        address = f"[{address}]"
    scheme = "https" if port.container_port in WITH_TLS else "http"
    return f"{scheme}://{address}:{port.host_port}"


def toolbar(seen: Overview, asked: dict[str, str]) -> dict[str, Any]:
    """The tabs of the states and the choice of the stack; both keep what else is asked for."""
    return {
        "tabs": listing.tabs_of(seen.groups, asked),
        "selects": [
            {
                "name": "stack",
                "label": "Stack",
                "value": asked["stack"],
                "options": [("", "All stacks"), *((stack, stack) for stack in seen.stacks)],
            }
        ]
        if seen.stacks
        else [],
        "kept": listing.kept(asked, without=["stack"]),
    }


def kept(loss: Loss) -> list[str]:
    """What stays behind."""
    return [*(named(holding) for holding in loss.kept), f"The image {loss.container.image}"]


def anonymous(holding: Holding) -> str:
    """An anonymous volume is known by where it is mounted; its name says nothing to anybody."""
    return f"What is in {holding.mount.destination} ({str(holding.mount.name)[:12]}…)"


def named(holding: Holding) -> str:
    """A mount as a sentence's worth: what it is, where it was, who else has it."""
    mount = holding.mount
    what = f"The volume {mount.name}" if mount.name else f"The folder {mount.source} of the host"
    also = f"; {', '.join(holding.shared_with)} has it too" if holding.shared_with else ""
    return f"{what} ({mount.destination}{also})"
