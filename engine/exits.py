"""How and when containers end."""

import requests.exceptions
from docker.errors import NotFound
from urllib3.exceptions import ReadTimeoutError

from engine.client import Docker
from engine.events import past_events


def exit_code_within(docker: Docker, container: str, seconds: float) -> int | None:
    """Wait at most so long for a container to end; its exit code, or None if it goes on.

    One that has removed itself meanwhile is asked after in the Engine's events. Raise the
    Engine's NotFound if those do not know it either.
    """
    try:
        return docker.wait(container, timeout=max(seconds, 0.05))["StatusCode"]
    except requests.exceptions.ReadTimeout:
        return None
    except requests.exceptions.ConnectionError as error:
        # So a timeout is called once the answer's head has come.
        if error.args and isinstance(error.args[0], ReadTimeoutError):
            return None
        raise
    except NotFound:
        code = last_exit_code(docker, container)
        if code is None:
            raise
        return code


def last_exit_code(docker: Docker, container: str) -> int | None:
    """With what code a container ended last, from the events that the Engine remembers."""
    ends, _ = past_events(docker, container=[container], event=["die"])
    codes = [event["Actor"]["Attributes"].get("exitCode") for event in ends]
    return int(codes[-1]) if codes and codes[-1] is not None else None


def is_ending(docker: Docker, container: str) -> bool:
    """Whether a container was last told to end, as far as the Engine remembers, and has not yet."""
    events, _ = past_events(docker, container=[container], event=["kill", "die", "start"])
    return bool(events) and events[-1]["Action"] == "kill"
