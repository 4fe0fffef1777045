"""Putting one container in the place of another, so that it can be taken back at every step.

Each act is written down with how it is undone before it is done; carrying out what was written,
the last first, brings back what was there, in the state it had. Nothing is removed here: when
everything is well, `Swap.cleanup` says what may go. Restoring and redeploying both go this way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from containers import acts
from containers.changes import Changes
from containers.create_body import create_body
from containers.endpoints import endpoints as endpoints_of
from containers.errors import DidNotStart
from containers.mapping import name_in
from containers.recreate import create_container
from containers.starting import wait_until_up
from engine import Docker
from engine.errors import Conflict


class Recorder(Protocol):
    """Where an undo is written down; `jobs.undo.Undo` is one."""

    def write(self, action: str, **arguments: Any) -> int: ...


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
    recorder.write(acts.DISCARD, container_id=name)
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
    name, kept_name = name_in(inspect), f"{name_in(inspect)}-before-{suffix}"
    if inspect["HostConfig"]["AutoRemove"] and inspect["State"]["Running"]:
        recorder.write(
            acts.PUT_BACK_STAND_IN,
            container_id=inspect["Id"],
            stand_in=kept_name,
            name=name,
            paused=inspect["State"]["Paused"],
        )
        stand_in = acts.recreate_from_inspect(dict(inspect), kept_name)
        # A stop that was begun is not taken back: it would take the volumes after the stand-in.
        recorder.write(acts.STOP, container_id=inspect["Id"])
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
    wait: bool = True,
    may_end: bool = True,
) -> None:
    """Give a container its name and, if asked, start it and wait until it is up.

    Raise DidNotStart if it does not come up; see `wait_until_up` for `may_end`. The undo removes
    it, so that its name, ports and addresses are free for what was there before.
    """
    recorder.write(acts.DISCARD, container_id=container_id)
    acts.rename_container(container_id, name)
    if start:
        acts.start_container(container_id)
        if wait:
            wait_until_up(docker, container_id, on_wait=on_wait, may_end=may_end)


def not_told(text: str) -> None:
    """What happens is said to nobody."""


@dataclass
class Swap:
    """One container in the place of another: the steps, in the order in which they are called.

    `create`, `put_old_aside`, `put_in_place`, `make_sharing_again`; what needs the old one to be
    still goes between the second and the third, and then `create` may come after it too. Without
    an `old` one there is nothing to put aside. `sharing` depend on the old one, each after what it
    depends on itself (`containers.neighbours`). `suffix` makes names unique: the beginning of a
    job's id will do. `on_step` is told what happens, `on_log` what a container said that did not
    come up; `on_wait` is called while waiting and may raise to give up. `moved` maps what
    containers were called to what they are now; several swaps of one job share it.
    """

    docker: Docker
    name: str
    recorder: Recorder
    suffix: str
    old: Mapping[str, Any] | None = None
    sharing: Sequence[Mapping[str, Any]] = ()
    host_name: str | None = None
    on_step: Callable[[str], None] = not_told
    on_log: Callable[[str], None] = not_told
    on_wait: Callable[[], None] | None = None
    kept: list[str] = field(default_factory=list)
    dependents: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    def create(self, body: Mapping[str, Any], endpoints: Mapping[str, Mapping[str, Any]]) -> str:
        """Make the new container under a passing name; its id.

        Whatever the Engine refuses about it is refused here.
        """
        self.on_step(f"Creating the container {self.name}")
        # Under a name that nobody else comes upon: the undo removes whatever has it.
        passing = f"{self.name}-new-{self.suffix}"
        return create_beside(self.docker, body, endpoints, passing, recorder=self.recorder)

    def put_old_aside(self) -> None:
        """Stop what is replaced and what depends on it, that first, and keep it all."""
        for inspect in [*reversed(self.sharing), *([self.old] if self.old else [])]:
            self.on_step(f"Setting {name_in(inspect)} aside")
            self.kept.append(put_aside(inspect, suffix=self.suffix, recorder=self.recorder))

    def put_in_place(self, container_id: str, *, start: bool, may_end: bool = True) -> None:
        """Give the new container its name and have it run. Raise DidNotStart if it is not up."""
        if start:
            self.on_step(f"Starting {self.name}")
        self._settle(container_id, self.name, start=start, may_end=may_end)

    def make_sharing_again(self, container_id: str, *, start: bool) -> None:
        """Make those again that depend on the old one, each in the state that it had.

        With `start` False they stay stopped: what they need does not run. Raise DidNotStart for
        one that was well before and does not come up.
        """
        if self.old is None:
            return
        self.moved |= {self.old["Id"]: container_id, self.name: container_id}
        for other in self.sharing:
            name, state = name_in(other), other["State"]
            self.on_step(f"Making {name} again")
            changes = Changes(containers=self.moved, host_name=self.host_name)
            body, networks = create_body(other, changes=changes), endpoints_of(other)
            passing = f"{name}-new-{self.suffix}"
            new = create_beside(self.docker, body, networks, passing, recorder=self.recorder)
            runs = start and state["Running"]
            self._settle(new, name, start=runs, wait=was_well(state))
            if runs and state["Paused"]:
                acts.pause_container(new)
            self.moved |= {other["Id"]: new, name: new}
            self.dependents[name] = new

    def _settle(self, container_id: str, name: str, *, start: bool, **how: bool) -> None:
        try:
            put_in_place(
                self.docker,
                container_id,
                name,
                start=start,
                recorder=self.recorder,
                on_wait=self.on_wait,
                **how,
            )
        except DidNotStart as problem:
            for line in problem.last_lines:
                self.on_log(f"{name} wrote: {line}")
            raise

    @property
    def cleanup(self) -> list[dict[str, Any]]:
        """The acts that remove what is kept, as `jobs.undo.Undo.commit` takes them."""
        return [
            {"action": acts.REMOVE, "arguments": {"container_id": container}}
            for container in self.kept
        ]


def was_well(state: Mapping[str, Any]) -> bool:
    """Whether a container in this state ran and was not known to be ill."""
    health = (state.get("Health") or {}).get("Status")
    return not state["Restarting"] and health != "unhealthy"


def replace_container(
    swap: Swap,
    body: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    *,
    may_end: bool = True,
) -> str:
    """Put the container of `body` and `endpoints` in the place of the swap's old one; its id.

    It is made before the old one is touched, so that whatever the Engine refuses is refused
    then, and brought into the state that the old one had. Raise DidNotStart if it, or one that
    depends on it, does not come up.
    """
    if swap.old is None:
        raise ValueError("There is nothing to be replaced.")
    state = swap.old["State"]
    new = swap.create(body, endpoints)
    swap.put_old_aside()
    swap.put_in_place(new, start=state["Running"], may_end=may_end)
    swap.make_sharing_again(new, start=state["Running"])
    if state["Paused"]:
        acts.pause_container(new)
    return new
