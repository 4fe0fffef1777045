"""What may be done to many containers at once. Other apps add what they can do with a container."""

from collections.abc import Callable
from dataclasses import dataclass

from containers import services, signals
from containers.queries import ALIVE


@dataclass(frozen=True)
class Options:
    """What is said for all of them: seconds to end in, signal, and how to delete."""

    timeout: int | None = None
    signal: str = signals.KILL
    force: bool = False
    volumes: bool = False


Act = Callable[[str, Options], object]


@dataclass(frozen=True)
class Action:
    """`states` are those of a container in which it makes sense; `done` is the word afterwards.

    `needs` is the act that it does to each container, for those who lack the right to it.
    `in_order` is said where the order in which containers are named is that of what comes of it.
    """

    name: str
    label: str
    done: str
    icon: str
    act: Act
    states: tuple[str, ...]
    needs: str
    danger: bool = False
    in_order: bool = False


RUNNING = ("running",)
PAUSED = ("paused",)
STOPPED = ("created", "exited", "dead")
ANY = ALIVE + STOPPED

ACTIONS: dict[str, Action] = {}


def add_action(action: Action) -> None:
    """Offer an action in the bar under the list and in the API."""
    ACTIONS[action.name] = action


for _action in (
    Action(
        *("start", "Start", "Started"),
        icon="play-fill",
        act=lambda container, options: services.start_container(container),
        states=STOPPED,
        needs="container.start",
    ),
    Action(
        *("stop", "Stop", "Stopped"),
        icon="stop-fill",
        act=lambda container, options: services.stop_container(container, options.timeout),
        states=ALIVE,
        needs="container.stop",
    ),
    Action(
        *("restart", "Restart", "Restarted"),
        icon="arrow-clockwise",
        act=lambda container, options: services.restart_container(container, options.timeout),
        states=ANY,
        needs="container.restart",
    ),
    Action(
        *("pause", "Pause", "Paused"),
        icon="pause",
        act=lambda container, options: services.pause_container(container),
        states=RUNNING,
        needs="container.pause",
    ),
    Action(
        *("unpause", "Unpause", "Unpaused"),
        icon="play",
        act=lambda container, options: services.unpause_container(container),
        states=PAUSED,
        needs="container.unpause",
    ),
    Action(
        *("kill", "Kill", "Killed"),
        icon="skull",
        act=lambda container, options: services.kill_container(container, options.signal),
        states=ALIVE,
        needs="container.kill",
        danger=True,
    ),
    Action(
        *("delete", "Delete", "Deleted"),
        icon="trash",
        act=lambda container, options: services.delete_container(
            container, force=options.force, volumes=options.volumes
        ),
        states=ANY,
        needs="container.delete",
        danger=True,
    ),
):
    add_action(_action)
