"""The client of the current Engine."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.conf import settings
from docker import APIClient, errors
from docker.tls import TLSConfig
from docker.utils import convert_filters, kwargs_from_env, parse_repository_tag

from containermonkey.problems import NotFound
from engine import contact
from engine.errors import translated
from engine.mounts import with_volume_names
from engine.names import checked
from engine.patience import TIMEOUT, patience

OLDEST_API = "1.41"
"""The oldest version of the Engine's API that will do: Docker 20.10."""

NOT_MODIFIED = 304

STREAM_TIMEOUT = 600
"""Seconds that a stream may stay silent: a disk may need long for the next block."""


CONNECTIONS = 64
"""Kept open to the Engine; beyond these each call opens one of its own, and the log says so."""


class Docker(APIClient):
    """docker-py's low-level client, and the calls that it lacks or changes on the way.

    Answers are the Engine's own JSON, whole: nothing is dropped that a later version may add.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self.url = url
        super().__init__(base_url=url, max_pool_size=CONNECTIONS, **options)

    def _get(self, url: str, **kwargs: Any) -> requests.Response:
        # What is done may take its time all the same.
        kwargs.setdefault("timeout", min(self.timeout, patience()))
        return super()._get(url, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        response = super().send(request, **kwargs)
        contact.answered(self.url)
        return response

    def containers(self, *args: Any, **kwargs: Any) -> list[dict]:
        return [with_volume_names(row) for row in super().containers(*args, **kwargs)]

    def inspect_container(self, container: str) -> dict[str, Any]:
        return with_volume_names(super().inspect_container(container))

    def list_containers(self, *, filters: dict[str, list[str]] | None = None) -> list[dict]:
        """Every container of the host, running or not, as `GET /containers/json` gives them."""
        return self.containers(all=True, filters=filters)

    def find_container(self, reference: str) -> dict[str, Any]:
        """The inspect of a container by full id, unambiguous prefix or name."""
        return self.inspect_container(checked(reference, "container"))

    def find_image(self, reference: str) -> dict[str, Any] | None:
        """The inspect of an image by reference or id; None where the host has none."""
        with absent_is_none() as found:
            found.append(self.inspect_image(checked(reference, "image")))
        return found[0] if found else None

    def find_volume(self, name: str) -> dict[str, Any] | None:
        """The inspect of a volume; None where the host has none of that name."""
        with absent_is_none() as found:
            found.append(self.inspect_volume(checked(name, "volume")))
        return found[0] if found else None

    def find_network(self, reference: str) -> dict[str, Any] | None:
        """The inspect of a network by id or name; None where the host has none."""
        with absent_is_none() as found:
            found.append(self.inspect_network(checked(reference, "network")))
        return found[0] if found else None

    def change_state(self, container: str, verb: str, *, timeout: int | None = None) -> bool:
        """Start, stop or restart a container; False where the Engine says that it already holds.

        `timeout` are the seconds between asking the container to end and killing it.
        """
        response = self._post(
            self._url("/containers/{0}/{1}", container, verb),
            params={} if timeout is None else {"t": timeout},
            timeout=TIMEOUT + max(timeout or 0, 0),
        )
        self._raise_for_status(response)
        return response.status_code != NOT_MODIFIED

    def stats_once(self, container: str) -> dict[str, Any]:
        """The counters of a container at this moment, without waiting for a second look."""
        url = self._url("/containers/{0}/stats", container)
        params = {"stream": "false", "one-shot": "true"}
        return self._result(self._get(url, params=params), True)

    def create_from_body(self, body: dict[str, Any], *, name: str | None = None) -> str:
        """Create a container from the body of `POST /containers/create` as it is; its id."""
        params = {"name": name} if name else None
        response = self._post_json(self._url("/containers/create"), data=body, params=params)
        return self._result(response, True)["Id"]

    def connect_with(self, network: str, container: str, endpoint: dict[str, Any]) -> None:
        """Connect a container to a network with a whole `EndpointConfig`."""
        body = {"Container": container, "EndpointConfig": endpoint}
        url = self._url("/networks/{0}/connect", checked(network, "network"))
        self._raise_for_status(self._post_json(url, data=body))

    def create_network_from_body(self, body: dict[str, Any]) -> str:
        """Create a network from the body of `POST /networks/create` as it is; its id."""
        return self._result(self._post_json(self._url("/networks/create"), data=body), True)["Id"]

    def create_volume_from_body(self, body: dict[str, Any]) -> dict[str, Any]:
        """Create a volume from the body of `POST /volumes/create` as it is."""
        return self._result(self._post_json(self._url("/volumes/create"), data=body), True)

    def update_service_to(self, service: dict[str, Any], spec: dict[str, Any]) -> None:
        """Give a swarm service, as its inspect describes it, a whole other `Spec`.

        The Engine refuses it where the service was changed since that inspect.
        """
        url = self._url("/services/{0}/update", service["ID"])
        version = {"version": service["Version"]["Index"]}
        self._raise_for_status(self._post_json(url, data=spec, params=version))

    def tag_as(self, image: str, reference: str) -> None:
        """Give an image a further name; nothing to do for one with a digest, which it has."""
        if "@" not in reference:
            repository, tag = parse_repository_tag(reference)
            self.tag(image, repository, tag)

    def prune_dangling_images(self) -> dict[str, Any]:
        """Delete the images that have no name and no container; what the Engine says of it."""
        params = {"filters": convert_filters({"dangling": True})}
        url = self._url("/images/prune")
        return self._result(self._post(url, params=params, timeout=STREAM_TIMEOUT), True)


@contextmanager
def absent_is_none() -> Iterator[list[dict[str, Any]]]:
    """Let a look-up end quietly where there is nothing; the list then stays empty."""
    try:
        yield []
    except (errors.NotFound, NotFound):
        return


@contextmanager
def engine() -> Iterator[Docker]:
    """A client of the current Engine; every failure inside comes out as one of `engine.errors`."""
    url = current_url()
    with translated(url):
        yield client_of(url)


def refuse_unreachable() -> None:
    """Raise EngineUnreachable where the current Engine does not answer.

    For an act on several things, of which each would only fail in the same way.
    """
    with engine() as docker:
        docker.ping()


def asked_for_version(seconds: float) -> dict[str, Any]:
    """What the current Engine says of its version, without waiting longer for it than told.

    Raise EngineUnreachable where it does not answer.
    """
    url = current_url()
    with translated(url):
        # A client of its own: the kept ones wait for as long as an act may take.
        client = Docker(url, version=OLDEST_API, timeout=seconds, tls=tls_of(url))
        try:
            return client.version(api_version=False)
        finally:
            client.close()


def current_url() -> str:
    """Where the current Engine is. The one place to change when there will be several."""
    return settings.DOCKER_HOST


def connection_environment() -> dict[str, str]:
    """What Docker's own programs need in their environment to find the current Engine."""
    url = current_url()
    is_secure = url.startswith("https:") or bool(os.environ.get("DOCKER_TLS_VERIFY"))
    found = {"DOCKER_HOST": re.sub("^https?:", "tcp:", url)}
    if is_secure and not url.startswith("unix:"):
        found |= {"DOCKER_TLS_VERIFY": "1"}
        found |= {"DOCKER_CERT_PATH": os.environ.get("DOCKER_CERT_PATH", "")}
    return found


_clients: dict[str, Docker] = {}
_clients_lock = threading.Lock()


def client_of(url: str) -> Docker:
    """The client for `url`; kept, because finding out the Engine's version costs a call."""
    with _clients_lock:
        if url in _clients:
            return _clients[url]
    # Not under the lock: with an Engine that hangs, everybody would wait for everybody.
    client = Docker(url, version="auto", timeout=TIMEOUT, tls=tls_of(url))
    # No proxy and no password file is ever asked for a socket, but each call would look for them.
    client.trust_env = not url.startswith("unix:")
    with _clients_lock:
        kept = _clients.setdefault(url, client)
    if kept is not client:
        client.close()
    return kept


def forget_clients() -> None:
    """Close what is kept, for an Engine that came back in another version."""
    with _clients_lock:
        while _clients:
            _clients.popitem()[1].close()


def tls_of(url: str) -> TLSConfig | bool:
    """The certificates that DOCKER_CERT_PATH names, as the docker command line has it."""
    if url.startswith(("unix:", "npipe:", "ssh:")):
        return False
    return kwargs_from_env().get("tls", False)
