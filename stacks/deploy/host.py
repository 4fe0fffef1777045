"""What a compose file would have of the host itself, told before it is deployed.

Little of it is refused, as much that is useful asks for it; but nobody should have to find it in a
long file that somebody else wrote.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from containers.obstacles import Obstacle
from engine.client import current_url
from engine.identity import OWN_LABELS, is_program
from stacks.deploy.understood import Understood
from volumes.protected import OWN, SOCKETS, OwnData, host_folders, normal, socket_of, within

Described = Mapping[str, Any]

SHARED = {
    "cgroup": "control groups",
    "ipc": "shared memory",
    "network_mode": "network",
    "pid": "processes",
    "userns_mode": "user ids",
    "uts": "host name",
}
"""What a service may share with the host, by the word that says so."""


def reaches(wanted: Understood) -> Iterator[str]:
    """A sentence for each way that leads out of the containers of a file and into the host."""
    for name, service in wanted.services.items():
        yield from reaches_of(name, service)
    for key, folder in folders_of_volumes(wanted):
        yield f"The volume {key} stands for {shown(folder)} of the host."


def own_data_in(wanted: Understood, own: OwnData) -> Iterator[Obstacle]:
    """This program's own data, which no file gets: the database and the keys are in it.

    A folder that they are in is told as any other is, since many tools take the whole host.
    """
    for volume in wanted.volumes:
        if own.reason_against_mount(volume.name):
            yield Obstacle("volume", volume.name, f"{shown(volume.name)}: {OWN}")
    for folder in dict.fromkeys(folders_of(wanted)):
        if own.reason_against_mount(folder):
            yield Obstacle("folder", folder, f"{shown(folder)}: {OWN}")


def ourselves_in(wanted: Understood, rows: Iterable[Described]) -> Iterator[Obstacle]:
    """What of this program a file would borrow or pass itself off as.

    With its processes or volumes comes all that it has; what has its label is left out of lists.
    """
    ours = [row for row in rows if is_program(row["Id"], row["Labels"])]
    for name, service in wanted.services.items():
        for container in containers_of(service):
            if any(is_called(row, container) for row in ours):
                message = f"{name} would share what {shown(container)}, Container Monkey, has."
                yield Obstacle("container", container, message)
        for label in OWN_LABELS:
            if label in labels_of(service):
                message = f"{name} has the label {label}, by which Container Monkey knows its own."
                yield Obstacle("container", name, message)


def containers_of(service: Described) -> Iterator[str]:
    """The containers outside of the file whose network, processes or volumes a service gets."""
    modes = [str(service.get(word) or "") for word in SHARED]
    for text in [*modes, *map(str, service.get("volumes_from") or [])]:
        kind, _, rest = text.partition(":")
        if kind == "container" and rest:
            yield rest.partition(":")[0]


def is_called(row: Described, reference: str) -> bool:
    """Whether the Engine would take a reference for the container of an entry of its list."""
    names = [name.removeprefix("/") for name in row["Names"] or []]
    return reference in names or row["Id"].startswith(reference)


def labels_of(service: Described) -> set[str]:
    """The labels of a service, in both of the ways in which they are written."""
    labels = service.get("labels") or {}
    return {str(each).partition("=")[0] for each in labels}


def folders_of(wanted: Understood) -> Iterator[str]:
    yield from (folder for _, folder in folders_of_volumes(wanted))
    for service in wanted.services.values():
        yield from filter(None, map(source_of, service.get("volumes") or []))


def folders_of_volumes(wanted: Understood) -> Iterator[tuple[str, str]]:
    """The volumes of a file that stand for folders of the host, and which."""
    for key, volume in (wanted.compose.get("volumes") or {}).items():
        described = volume or {}
        given = described.get("driver_opts") or {}
        options = {option: str(value) for option, value in given.items()}
        for folder in host_folders({"Driver": described.get("driver"), "Options": options}):
            yield key, folder


def reaches_of(name: str, service: Described) -> Iterator[str]:
    if service.get("privileged"):
        yield f"{name} is privileged: it may do everything that the host may."
    for mount in service.get("volumes") or []:
        if source := source_of(mount):
            yield bind(name, source)
    for word, what in SHARED.items():
        if service.get(word) == "host":
            yield f"{name} shares the host’s {what}."
    for word, what in (("cap_add", "the capability"), ("devices", "the host’s device")):
        for each in service.get(word) or []:
            named = each.get("source") if isinstance(each, Mapping) else each
            yield f"{name} gets {what} {shown(str(named).partition(':')[0])}."
    yield from borrowed(name, service.get("volumes_from") or [])


def source_of(mount: Any) -> str:
    """The path of the host that is mounted, in both of the ways in which plugins write one.

    Nothing for what is none.
    """
    if isinstance(mount, Mapping):
        return str(mount.get("source") or "") if mount.get("type") == "bind" else ""
    source, is_two, _ = str(mount).partition(":")
    return source if is_two and source.startswith("/") else ""


def bind(name: str, source: str) -> str:
    path = normal(source, follow=False)
    sockets = [*SOCKETS, socket_of(current_url(), follow=False)]
    if any(socket and within(socket, path) for socket in sockets):
        return (
            f"{name} gets {shown(source)} of the host, and with the Docker socket in it may do "
            "everything that the host may."
        )
    return f"{name} gets {shown(source)} of the host."


def borrowed(name: str, sources: Iterable[str]) -> Iterator[str]:
    """The volumes of containers that are not in the file."""
    for source in sources:
        kind, _, container = str(source).partition(":")
        if kind == "container":
            yield f"{name} gets all volumes of the container {shown(container)}."


def shown(text: str) -> str:
    return text[:200]
