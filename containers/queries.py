"""What may be asked about containers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from containermonkey import listing
from containermonkey.problems import Invalid, NotAllowed, NotFound
from containers.mapping import details_of, name_in, name_of, of_row
from containers.types import Container, ContainerDetails, Holding, Loss, Port
from engine import Docker, engine
from engine.identity import is_hidden

STATUSES = ("created", "running", "paused", "restarting", "removing", "exited", "dead")
ALIVE = ("running", "paused", "restarting")
"""The statuses in which a container has processes, or is about to have them again."""

SORT_KEYS: dict[str, Callable[[Container], Any]] = {
    "name": lambda container: container.name.casefold(),
    "image": lambda container: container.image.casefold(),
    "state": lambda container: (
        STATUSES.index(container.status) if container.status in STATUSES else len(STATUSES)
    ),
    "stack": lambda container: (container.stack is None, container.stack or ""),
    "created": lambda container: container.created,
}


def list_containers(
    search: str = "",
    status: str = "",
    stack: str = "",
    sort: str = "name",
    *,
    include_stopped: bool = True,
) -> list[Container]:
    """The host's containers but ourselves, with one call of the Engine whatever their number.

    `search` are words that must all be found in name, image, labels, ports or id; `sort` is a key
    of SORT_KEYS, with `-` before it to turn it round. Raise Invalid for a status that Docker does
    not have.
    """
    if status and status not in STATUSES:
        reason = f"must be one of {', '.join(STATUSES)}"
        raise Invalid(f"The status {reason}.", fields={"status": reason})
    found = [
        container
        for container in all_containers()
        if (not status or container.status == status)
        and (not stack or container.stack == stack)
        and (include_stopped or container.status in ALIVE)
    ]
    return in_order(matching(found, search), sort)


def all_containers() -> list[Container]:
    """Every container of the host but ourselves, as the Engine lists them."""
    with engine() as docker:
        rows = docker.list_containers()
    return shown(rows)


def shown(rows: Iterable[dict[str, Any]]) -> list[Container]:
    """The containers of an answer of the Engine's list, but ourselves."""
    return [of_row(row) for row in rows if not is_hidden(row["Id"], row["Labels"])]


def matching(containers: Iterable[Container], search: str) -> list[Container]:
    """Those in which every word of `search` is found."""
    return listing.with_words(containers, search, found_in)


def found_in(container: Container, word: str) -> bool:
    """Whether name, image or a label holds the word, the id begins with it, or a port is it."""
    return (
        word in container.name.casefold()
        or word in container.image.casefold()
        or container.id.startswith(word)
        or any(word in f"{key}={value}".casefold() for key, value in container.labels.items())
        or any(word in port_words(port) for port in container.ports)
    )


def port_words(port: Port) -> tuple[str, ...]:
    """What a port may be searched by: `8080`, `80`, `80/tcp`, `8080:80`."""
    inner = str(port.container_port)
    outer = str(port.host_port)
    return inner, outer, f"{inner}/{port.protocol}", f"{outer}:{inner}"


def in_order(containers: list[Container], sort: str) -> list[Container]:
    """Sorted by `sort`, and by name where that is the same; an unknown order is by name."""
    return listing.in_order(containers, sort, SORT_KEYS)


def container_details(reference: str) -> ContainerDetails:
    """A container with its configuration, by id, unambiguous prefix or name.

    Raise NotFound if there is none, NotAllowed if it is Container Monkey itself.
    """
    with engine() as docker:
        inspect = find_shown(docker, reference)
        return details_of(row_of(docker, inspect["Id"]), inspect)


def container_name(reference: str) -> str:
    """The name of a container, by id, unambiguous prefix or name; one call of the Engine."""
    with engine() as docker:
        return name_in(find_shown(docker, reference))


def find_shown(docker: Docker, reference: str) -> dict[str, Any]:
    """The inspect of a container that may be looked at, by id, unambiguous prefix or name.

    Raise NotFound if there is none, NotAllowed for what lists leave out.
    """
    inspect = docker.find_container(reference)
    if is_hidden(inspect["Id"], inspect["Config"]["Labels"]):
        raise NotAllowed("This is Container Monkey itself, which is not shown here.")
    return inspect


def row_of(docker: Docker, container_id: str) -> dict[str, Any]:
    """The container's entry in the list. Raise NotFound if it has gone meanwhile."""
    for row in docker.list_containers(filters={"id": [container_id]}):
        if row["Id"] == container_id:
            return row
    raise NotFound("The container has just been removed.")


def what_is_lost(reference: str) -> Loss:
    """What goes and what stays if a container is deleted; two calls of the Engine."""
    with engine() as docker:
        inspect = find_shown(docker, reference)
        rows = docker.list_containers()
    row = next((row for row in rows if row["Id"] == inspect["Id"]), None)
    if row is None:
        raise NotFound("The container has just been removed.")
    container = of_row(row)
    users = users_of_volumes(other for other in rows if other["Id"] != container.id)
    anonymous = anonymous_volumes(inspect)
    holdings = [Holding(mount, users.get(mount.name or "", [])) for mount in container.mounts]
    goes = [each for each in holdings if each.mount.name in anonymous and not each.shared_with]
    return Loss(
        container=container,
        running=container.status in ALIVE,
        anonymous=goes,
        kept=[each for each in holdings if each not in goes and each.mount.type != "tmpfs"],
    )


def users_of_volumes(rows: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """The names of the containers that mount each volume."""
    users: dict[str, list[str]] = {}
    for row in rows:
        for mount in row["Mounts"] or []:
            if mount.get("Name"):
                users.setdefault(mount["Name"], []).append(name_of(row))
    return users


def anonymous_volumes(inspect: Mapping[str, Any]) -> set[str]:
    """The volumes that the Engine removes with the container when it is asked to.

    Those are the ones that it named itself: whatever is mounted under a name that the
    configuration gives is kept, whatever the name looks like.
    """
    host = inspect["HostConfig"]
    named = {bind.split(":")[0] for bind in host.get("Binds") or []}
    named |= {mount.get("Source") for mount in host.get("Mounts") or []}
    return {
        mount["Name"]
        for mount in inspect["Mounts"]
        if mount["Type"] == "volume" and mount["Name"] not in named and len(mount["Name"]) == 64
    }
