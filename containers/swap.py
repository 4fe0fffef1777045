"""Putting one container in the place of another, so that it can be taken back at every step.

Each act is written down with how it is undone before it is done; carrying out what was written,
the last first, brings back what was there, in the state it had. Nothing is removed here: when
everything is well, `Replaced.cleanup` says what may go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from containers import acts
from containers.changes import Changes, container_mode
from containers.create_body import create_body
from containers.endpoints import endpoints as endpoints_of
from containers.recreate import create_container
from containers.starting import wait_until_up
from engine import Docker
from engine.errors import Conflict


class Recorder(Protocol):
    """Where an undo is written down; `jobs.undo.Undo` is one."""

    def write(self, action: str, **arguments: Any) -> int: ...


@dataclass(frozen=True)
class Replaced:
    """What came of a replacement: the new container, and the old ones that are kept for now.

    `kept` begins with the one that was replaced; after it come the containers that used its
    network, IPC or PID, which were made again too: `dependents` are their new ids by name.
    """

    container_id: str
    kept: list[str]
    dependents: dict[str, str] = field(default_factory=dict)

    @property
    def cleanup(self) -> list[dict[str, Any]]:
        """The acts that remove what is kept, as `jobs.undo.Undo.commit` takes them."""
        return [
            {"action": acts.REMOVE, "arguments": {"container_id": container}}
            for container in self.kept
        ]


def name_of(inspect: Mapping[str, Any]) -> str:
    return str(inspect["Name"]).removeprefix("/")


def create_beside(
    docker: Docker,
    body: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    name: str,
    *,
    recorder: Recorder,
) -> str:
    """Create a container under a name that nobody has, without starting it; its id.

    Raise Conflict if the name is taken, before anything is written down: the undo removes the
    container of this name.
    """
    if acts.container_named(name):
        raise Conflict(f"There is already a container named {name}.")
    recorder.write(acts.REMOVE, container_id=name)
    return create_container(docker, body, endpoints, name)


def bring_to_rest(inspect: Mapping[str, Any], *, recorder: Recorder) -> None:
    """Stop a container if it runs; the undo has it run, or be paused, again.

    One that removes itself at its end needs `put_aside`.
    """
    state, container = inspect["State"], inspect["Id"]
    if state["Paused"]:
        recorder.write(acts.PAUSE, container_id=container)
    if state["Running"]:
        recorder.write(acts.START, container_id=container)
        acts.stop_container(container)


def keep_at_rest(inspect: Mapping[str, Any], *, recorder: Recorder) -> None:
    """See that the Engine does not start a container by itself; the undo gives the policy back.

    When it restarts, it starts whatever is to run `always`, also what was stopped.
    """
    policy = inspect["HostConfig"].get("RestartPolicy") or {}
    if policy.get("Name") == "always":
        recorder.write(acts.RESTART_POLICY, container_id=inspect["Id"], policy=policy)
        acts.set_restart_policy(inspect["Id"], {"Name": "no"})


def put_aside(inspect: Mapping[str, Any], *, suffix: str, recorder: Recorder) -> str:
    """Stop a container and keep it as `<name>-before-<suffix>`; the id of what is kept.

    A container that removes itself at its end (`--rm`) would take its anonymous volumes with it,
    and that setting cannot be changed. So a stand-in is made from its inspect first, which holds
    on to the volumes and is kept in its place; what it wrote elsewhere is lost, as with every end
    of such a container.
    """
    name, kept_name = name_of(inspect), f"{name_of(inspect)}-before-{suffix}"
    if inspect["HostConfig"]["AutoRemove"] and inspect["State"]["Running"]:
        recorder.write(
            acts.PUT_BACK_STAND_IN,
            container_id=inspect["Id"],
            stand_in=kept_name,
            name=name,
            paused=inspect["State"]["Paused"],
        )
        stand_in = acts.recreate_from_inspect(dict(inspect), kept_name)
        acts.stop_container(inspect["Id"])
        return stand_in
    keep_at_rest(inspect, recorder=recorder)
    bring_to_rest(inspect, recorder=recorder)
    recorder.write(acts.RENAME, container_id=inspect["Id"], name=name)
    acts.rename_container(inspect["Id"], kept_name)
    return str(inspect["Id"])


def put_in_place(
    docker: Docker,
    container_id: str,
    name: str,
    *,
    start: bool,
    recorder: Recorder,
    on_wait: Callable[[], None] | None = None,
) -> None:
    """Give a container its name and, if asked, start it and wait until it is up.

    Raise DidNotStart if it does not come up. The undo removes it, so that its name, ports and
    addresses are free for what was there before.
    """
    recorder.write(acts.REMOVE, container_id=container_id)
    acts.rename_container(container_id, name)
    if start:
        acts.start_container(container_id)
        wait_until_up(docker, container_id, on_wait=on_wait)


def replace_container(
    docker: Docker,
    old: Mapping[str, Any],
    body: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    *,
    suffix: str,
    recorder: Recorder,
    start: bool | None = None,
    on_wait: Callable[[], None] | None = None,
) -> Replaced:
    """Put the container of `body` and `endpoints` in the place of the inspected one.

    It is made before the old one is touched, so that whatever the Engine refuses is refused
    then. With `start` None it is brought into the state that the old one had. Containers that
    share the old one's network, IPC or PID are made again too, or they would be left with
    nothing. `suffix` makes names unique: the job's id will do. Raise DidNotStart if the new one
    does not come up.
    """
    name = name_of(old)
    sharing = sharing_with(docker, old)
    new = create_beside(docker, body, endpoints, f"{name}-new-{suffix}", recorder=recorder)
    kept_sharing = [put_aside(other, suffix=suffix, recorder=recorder) for other in sharing]
    kept = put_aside(old, suffix=suffix, recorder=recorder)
    ran = old["State"]["Running"] if start is None else start
    put_in_place(docker, new, name, start=ran, recorder=recorder, on_wait=on_wait)
    dependents = {}
    for other in sharing:
        changes = Changes(containers={old["Id"]: new, name: new})
        dependents[name_of(other)] = create_again(
            docker, other, changes, suffix=suffix, start=ran, recorder=recorder, on_wait=on_wait
        )
    if start is None and old["State"]["Paused"]:
        acts.pause_container(new)
    return Replaced(new, [kept, *kept_sharing], dependents)


def create_again(
    docker: Docker,
    old: Mapping[str, Any],
    changes: Changes,
    *,
    suffix: str,
    start: bool,
    recorder: Recorder,
    on_wait: Callable[[], None] | None = None,
) -> str:
    """Make a container that was put aside again, with changes, in the state it had; its id."""
    body, networks = create_body(old, changes=changes), endpoints_of(old, changes=changes)
    name = name_of(old)
    new = create_beside(docker, body, networks, f"{name}-new-{suffix}", recorder=recorder)
    runs = start and old["State"]["Running"]
    put_in_place(docker, new, name, start=runs, recorder=recorder, on_wait=on_wait)
    return new


def sharing_with(docker: Docker, inspect: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The inspects of the containers that use this one's network, IPC or PID."""
    called = {inspect["Id"], name_of(inspect)}
    found = []
    for row in docker.list_containers():
        other = acts.container_if_there(row["Id"])
        modes = (
            [other["HostConfig"].get(f"{kind}Mode") for kind in ("Network", "Ipc", "Pid")]
            if other
            else []
        )
        if other and called & {container_mode(mode) for mode in modes}:
            found.append(other)
    return found
