"""What a registry has, as the Engine asks it."""

import queue
import threading
from collections.abc import Callable

import requests.exceptions

from containermonkey.problems import EngineRefused, NotFound
from engine.client import Docker, engine
from engine.names import checked

LOOK_SECONDS = 0.5
"""How often a job that waits for a registry asks whether to go on."""

SNAPSHOTTER = ["driver-type", "io.containerd.snapshotter.v1"]
"""What an Engine says of itself that keeps its images in containerd's store."""


def digest_in_registry(
    docker: Docker, reference: str, credentials: dict[str, str] | None = None
) -> str:
    """The digest of what a registry has under a name now; nothing of it is pulled.

    `credentials` are an `AuthConfig`; without any, what the Engine's user has in his configuration.
    Raise NotFound where the registry has no such thing, EngineRefused with the Engine's words
    where it cannot be asked.
    """
    try:
        found = docker.inspect_distribution(checked(reference, "image"), auth_config=credentials)
    except requests.exceptions.ReadTimeout as error:
        raise EngineRefused("The registry did not answer in time.") from error
    return found["Descriptor"]["digest"]


def digest_to_pull(
    docker: Docker,
    reference: str,
    *,
    on_wait: Callable[[], None],
    credentials: dict[str, str] | None = None,
) -> str:
    """The digest by which to pull what a registry has under a tag now; empty where it is to be
    pulled by the tag.

    That is so where the registry tells none, which the pull itself then explains, and where the
    Engine keeps what was pulled by digest as an image of its own beside the tag. `on_wait` is
    called at least twice a second and may raise to give up.
    """
    if "@" in reference or SNAPSHOTTER in (docker.info().get("DriverStatus") or []):
        return ""
    found: queue.SimpleQueue[str | BaseException] = queue.SimpleQueue()

    def ask() -> None:
        try:
            with engine():
                found.put(digest_in_registry(docker, reference, credentials))
        except Exception as error:  # noqa: BLE001 - raised or answered where it is waited for
            found.put(error)

    threading.Thread(target=ask, daemon=True).start()
    answer = waited_for(found, on_wait)
    if isinstance(answer, EngineRefused | NotFound):
        return ""
    if isinstance(answer, BaseException):
        raise answer
    return answer


def waited_for(
    found: queue.SimpleQueue[str | BaseException], on_wait: Callable[[], None]
) -> str | BaseException:
    """What is found in the end; meanwhile it is asked whether to go on."""
    while True:
        on_wait()
        try:
            return found.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            continue
