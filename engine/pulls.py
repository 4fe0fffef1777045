"""Pulling images."""

import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

import requests
from docker.auth import encode_header, get_config_header, resolve_repository_name
from docker.utils import parse_repository_tag

from containermonkey.problems import Conflict, EngineRefused, Invalid, NotFound, Problem
from engine.client import Docker
from engine.errors import sentence, translated
from engine.names import checked

LOOK_SECONDS = 0.5
"""How often a pull asks whether to go on, however long the registry says nothing."""

REASONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("toomanyrequests", "too many requests", "rate limit"),
        "its registry gives no more for now. Try again later, or sign in there.",
    ),
    (
        ("pull access denied", "unauthorized", "authentication required", "denied", "credentials"),
        "its registry let us not have it. Either there is no such image, or it wants another "
        "sign-in.",
    ),
    (
        ("no matching manifest", "no match for platform", "does not match the specified platform"),
        "its registry has it for other platforms only.",
    ),
    (
        ("manifest unknown", "not found", "name unknown"),
        "its registry has no such image or tag.",
    ),
    (
        (
            *("no such host", "connection refused", "timeout", "no route to host", "unreachable"),
            *("connection reset", "server gave http response", "certificate", "eof"),
        ),
        "the Docker host cannot reach its registry.",
    ),
)
"""What the Engine's words about a pull mean, the first that is found."""

OnProgress = Callable[[int, int | None], None]


def pull_image(
    docker: Docker,
    reference: str,
    *,
    on_progress: OnProgress,
    credentials: dict[str, str] | None = None,
    platform: str = "",
    digest: str = "",
) -> None:
    """Pull an image to its end. Raise NotFound or EngineRefused as the registry has it,
    with its words.

    With a `digest`, as `engine.distribution.digest_to_pull` has it, that is pulled and gets the
    name here, at the very end. The Engine does that by itself otherwise, and may get there after
    it was told to stop, before it has noticed; so a tag that means something already is to be
    pulled by digest.

    `credentials` are those of `engine.registries`; without any, what the Engine's user has in his
    configuration goes along. `platform` is `os/architecture[/variant]`, the host's own if empty.
    `on_progress` gets the bytes fetched so far and those there are in the layers that are known by
    now (None before any is). It is called at least twice a second and may raise to give up; the
    Engine then stops pulling.
    """
    checked(reference, "image")
    source = by_digest(reference, digest) if digest else reference
    pull, layers = Pull(docker, source, credentials, platform), Layers()
    try:
        while (message := pull.next_message()) is not END:
            if isinstance(message, BaseException):
                raise told(reference, message)
            if message and "error" in message:
                raise told(reference, EngineRefused(sentence(message["error"])))
            layers.hear(message or {})
            on_progress(layers.done, layers.total)
    finally:
        pull.end()
    if digest:
        docker.tag_as(source, reference)


def by_digest(reference: str, digest: str) -> str:
    """A digest in the repository that a tag is of."""
    return f"{parse_repository_tag(reference)[0]}@{digest}"


def told(reference: str, failure: BaseException) -> BaseException:
    """A refusal with what was asked for in its sentence; anything else as it is."""
    if isinstance(failure, EngineRefused | NotFound | Invalid | Conflict):
        return type(failure)(f"{reference} could not be pulled: {reason_of(failure)}{failure}")
    return failure


def reason_of(failure: Problem) -> str:
    """What the Engine's words come down to, before these; nothing where they are not known."""
    words = str(failure).lower()
    for known, meaning in REASONS:
        if any(each in words for each in known):
            return f"{meaning} The Docker Engine says: "
    return ""


class Layers:
    """How far each layer is, as the Engine's messages tell."""

    def __init__(self) -> None:
        self._fetched: dict[str, tuple[int, int]] = {}

    def hear(self, message: dict[str, Any]) -> None:
        layer, status = message.get("id", ""), message.get("status")
        detail = message.get("progressDetail") or {}
        if status == "Downloading" and detail.get("total"):
            self._fetched[layer] = (detail.get("current") or 0, detail["total"])
        elif status == "Download complete" and layer in self._fetched:
            _, size = self._fetched[layer]
            self._fetched[layer] = (size, size)

    @property
    def done(self) -> int:
        return sum(done for done, _ in self._fetched.values())

    @property
    def total(self) -> int | None:
        return sum(total for _, total in self._fetched.values()) or None


END: dict[str, Any] = {}


class Pull:
    """The Engine's messages about a pull, read in a thread of their own.

    The Engine may say nothing for as long as the registry does, at the beginning too, and the job
    has to be able to end meanwhile.
    """

    def __init__(
        self, docker: Docker, reference: str, credentials: dict[str, str] | None, platform: str
    ) -> None:
        self._docker, self._reference = docker, reference
        self._credentials, self._platform = credentials, platform
        self._said: queue.SimpleQueue[dict[str, Any] | BaseException] = queue.SimpleQueue()
        self._lock, self._over = threading.Lock(), False
        self._response: requests.Response | None = None
        threading.Thread(target=self._read, daemon=True).start()

    def next_message(self) -> dict[str, Any] | BaseException | None:
        """What was said next, what went wrong, `END`, or None where nothing is said for now."""
        try:
            return self._said.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            return None

    def end(self) -> None:
        """Break off what has not been read: the Engine stops pulling when nobody listens."""
        with self._lock:
            self._over = True
            if self._response is not None:
                hang_up(self._response)

    def _read(self) -> None:
        try:
            with translated(self._docker.url):
                response = begin(self._docker, self._reference, self._credentials, self._platform)
                with self._lock:
                    self._response = response
                    if self._over:
                        hang_up(response)
                        return
                self._docker._raise_for_status(response)
                for message in self._docker._stream_helper(response, decode=True):
                    self._said.put(message)
            self._said.put(END)
        except Exception as error:  # noqa: BLE001 - raised where the messages are read
            self._said.put(error)


def begin(
    docker: Docker, reference: str, credentials: dict[str, str] | None, platform: str
) -> requests.Response:
    """Ask for the pull, with the credentials or what the Engine's user has in his configuration."""
    repository, tag = parse_repository_tag(reference)
    registry, _ = resolve_repository_name(repository)
    header = encode_header(credentials) if credentials else get_config_header(docker, registry)
    params = {"fromImage": repository, "tag": tag or "latest"}
    return docker._post(
        docker._url("/images/create"),
        params=params | ({"platform": platform} if platform else {}),
        headers={"X-Registry-Auth": header} if header else None,
        stream=True,
        timeout=None,
    )


def hang_up(response: requests.Response) -> None:
    """Close the connection under an answer, also while another thread reads from it."""
    file = getattr(response.raw._fp, "fp", None)
    connection = getattr(getattr(file, "raw", None), "_sock", None)
    try:
        if connection is not None:
            connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already
